"""A kind of file, and what came of reading damaged ones."""

from __future__ import annotations

import gc
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.harness.fuzz.mutate import damaged
from tests.harness.fuzz.planted import BLOBS, MARK
from tests.harness.fuzz.watch import Noticed, watched

#: What reading a file of a megabyte may take, in bytes; and in seconds, before its user thinks that it hangs.
MEMORY, SECONDS = 64 << 20, 20.0

Damage = Callable[[bytes, Sequence[bytes], Random], bytes]


@dataclass(frozen=True)
class Target:
    """A kind of file.

    seeds: good ones. read: reads the bytes, which it may write into the folder first, as a command would.
    documented: what it may raise. valid: raises AssertionError if what was read is not what it should be. damages: ways
    to damage one, beside those for any bytes. parses: it may parse Python (and run none). memory: bytes it may take.
    """

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes, Path], Callable[[], Any]]
    documented: tuple[type[Exception], ...]
    valid: Callable[[Any], object]
    damages: tuple[Damage, ...] = ()
    parses: bool = False
    memory: int = MEMORY
    seconds: float = SECONDS

    def case(self, seed: int, number: int) -> bytes:
        """Return a damaged file, always the same one for the same numbers."""
        random = Random(f"{self.name} {seed} {number}")
        content, way = random.choice(self.seeds), random.choice((damaged, *self.damages))
        content = way(content, self.seeds, random)
        return damaged(content, self.seeds, random) if way is not damaged and random.random() < 0.1 else content


class Undocumented(Exception):
    """What reading a file did that it must not do."""


def outcome(target: Target, content: bytes, folder: Path) -> str:
    """Read a file: "accepted", or the name of the documented error. Raises Undocumented."""
    reading = target.read(content, folder)
    try:
        with _noticing(), watched(folder, parses=target.parses, most=target.memory,
                                  seconds=target.seconds):
            try:
                found = reading()
            except target.documented as error:
                return type(error).__name__
            except Exception as error:
                raise Undocumented(f"{type(error).__name__}: {error}"[:300]) from error
        try:
            target.valid(found)
        except Exception as error:
            raise Undocumented(f"accepted, but {type(error).__name__}: {error}"[:300]) from error
    finally:
        if MARK.exists():
            MARK.unlink()
            raise Undocumented("a payload was run")
    return "accepted"


@contextmanager
def _noticing() -> Iterator[None]:
    try:
        yield
    except Noticed as noticed:
        raise Undocumented(str(noticed)) from noticed


@dataclass
class Found:
    """How often each thing came out, and the cases that did what they must not: number, content, what."""

    target: str
    seed: int
    outcomes: Counter[str] = field(default_factory=Counter)
    undocumented: list[tuple[int, bytes, str]] = field(default_factory=list)
    seconds: float = 0.0

    def line(self, command: str = "") -> str:
        """Return it as one line of JSON, with the command that found it."""
        return json.dumps({"command": command, "versions": {"python": platform.python_version()},
                           "target": self.target, "seed": self.seed,
                           "cases": self.outcomes.total() + len(self.undocumented),
                           **{key: self.outcomes[key] for key in sorted(self.outcomes)},
                           "undocumented": len(self.undocumented), "seconds": round(self.seconds, 1)})


def survey(target: Target, cases: int, seed: int, folder: Path) -> Found:
    """Read the good files, the payloads and so many damaged ones. More than 20 that do wrong are not looked for."""
    found = Found(target.name, seed)
    for number, content in enumerate(target.seeds):
        _counted(found, target, -1 - number, content, folder)
    if set(found.outcomes) != {"accepted"}:
        raise RuntimeError(f"{target.name}: a good file is refused: {found}"[:1000])
    found.outcomes.clear()
    begin = time.perf_counter()
    for number in range(cases):
        content = BLOBS[number] if number < min(len(BLOBS), cases // 4) else target.case(seed, number)
        _counted(found, target, number, content, folder)
        if len(found.undocumented) >= 20:
            break
    found.seconds = time.perf_counter() - begin
    return found


def _counted(found: Found, target: Target, number: int, content: bytes, folder: Path) -> None:
    try:
        found.outcomes[outcome(target, content, folder)] += 1
    except Undocumented as error:
        found.undocumented.append((number, content, str(error)))
    if number % 256 == 255:
        gc.collect()
