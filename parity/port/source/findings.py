"""What is found in a script: its schedulers with their lines, and those that are not built or not read."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from parity.port.read.literal import Call
from parity.port.source.libraries import BASES, Kind
from parity.port.source.values import Partial, list_choices

#: How the names of the classes of schedulers end.
_ENDS = ("Scheduler", "LR")


@dataclass
class SchedulerCall:
    """A scheduler that a script builds.

    line: its line. kind: its library. call: its constructor (default: None, it cannot be read). error: why it cannot be
    read (default: ""). needs: names that decide its class (default: none). around: loops, branches and lambdas in which
    it is built. changes: lines that change it later. stepped: the line that steps it (default: "", none).
    returned: what configure_optimizers returns with it, such as its interval (default: None, it is not returned).
    method: the class whose configure_optimizers builds it (default: "", none does).
    """

    line: int
    kind: Kind
    name: str
    call: Call | None = None
    error: str = ""
    needs: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    changes: list[int] = field(default_factory=list)
    stepped: str = ""
    returned: dict[str, Any] | None = None
    method: str = ""


@dataclass(frozen=True)
class Skipped:
    """A scheduler in a branch that is not entered. line, name: where and which. branch: the branch's test."""

    line: int
    name: str
    branch: str


@dataclass
class Findings:
    """Collects what is found while a script is followed.

    schedulers: by the place of their call. skipped: in branches that are not entered. calls: all other calls, with
    their lines. custom: classes of the script, with their lines. around: loops, branches and lambdas that are entered.
    partials: by the place of their call. called_partials: lines and texts of those that were
    called. lines: the line of each class of the script.
    """

    schedulers: dict[tuple[int, int], list[SchedulerCall]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    calls: list[tuple[Call, int]] = field(default_factory=list)
    custom: list[tuple[str, int]] = field(default_factory=list)
    around: list[str] = field(default_factory=list)
    partials: dict[tuple[int, int], list[Partial]] = field(default_factory=dict)
    called_partials: set[tuple[int, str]] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)

    def add(self, node: ast.expr, scheduler: SchedulerCall) -> None:
        """Note a scheduler at the place of its call; one that is read again in the same way counts once."""
        scheduler.around = tuple(self.around)
        known = self.schedulers.setdefault((node.lineno, node.col_offset), [])
        known[:] = [other for other in known if (other.call, other.error) != (scheduler.call, scheduler.error)]
        known.append(scheduler)

    def find(self, value: Any) -> list[SchedulerCall]:
        """Return the schedulers that a value is, or may be."""
        calls = {id(item) for item in list_choices(value) if isinstance(item, Call)}
        return [scheduler for many in self.schedulers.values() for scheduler in many
                if scheduler.call is not None and id(scheduler.call) in calls] if calls else []

    def note_change(self, owner: Any, target: ast.Attribute) -> None:
        """Note that an attribute of a scheduler is set after it was built."""
        for scheduler in self.find(owner):
            scheduler.changes.append(target.lineno)

    def note_step(self, owner: Any, line: int) -> None:
        """Note the line that steps a scheduler, and the loop around it."""
        loop = next((around for around in reversed(self.around) if around.startswith("a loop")), "")
        for scheduler in self.find(owner):
            scheduler.stepped = scheduler.stepped or f"line {line} steps it{f', in {loop}' if loop else ''}"

    def list_skipped(self) -> list[Skipped]:
        """Return the schedulers that no call builds, each once."""
        built = {line for line, _ in self.schedulers}
        return [item for item in dict.fromkeys(self.skipped) if item.line not in built]

    def note_class(self, name: str, line: int, bases: list[str], derives: bool) -> None:
        """Note a class that derives from a scheduler.

        bases: full names of its base classes. derives: whether one is a known scheduler.
        """
        self.lines[name] = line
        if derives or any(base.rpartition(".")[2] in BASES or base.endswith(_ENDS) for base in bases):
            self.custom = [*dict.fromkeys([*self.custom, (name, line)])]
