"""Runs `port` for a script or a notebook: lists each scheduler it builds, and ports those that can be read."""

from __future__ import annotations

import ast
import json
import shlex
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from frameworks.arguments import Parser
from frameworks.exit_codes import USAGE
from frameworks.schedule import SpecificationError
from parity.port.ports import Ported, measure_spellings, write_all_spellings
from parity.port.read import SOURCES
from parity.port.read.literal import MAX_CHARACTERS, Call, PortError, shorten_text
from parity.port.read.missing import check_used, parse_settings, read_values
from parity.port.source.by_hand import PAGE, HandSet, find_hand_set
from parity.port.source.files import is_script, parse_file, parse_text
from parity.port.source.interpret import follow
from parity.port.source.pairs import Pair, read_pairs
from parity.port.source.scope import ScriptScope
from parity.port.write import TARGETS, FormulaError

#: The page that shows how to count a scheduler that is stepped after each epoch.
EPOCHS = "frameworks/PORTING.md#from-epochs-to-updates"


def is_script_argument(chosen: Namespace) -> bool:
    """Return whether the argument is a script, a notebook, or lines of a script instead of one constructor."""
    if is_script(chosen.what):
        return True
    if chosen.what.endswith((".json", ".toml")) or len(chosen.what) > MAX_CHARACTERS:
        return False
    try:
        body = ast.parse(chosen.what.strip()).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    if len(body) == 1 and isinstance(body[0], ast.Assign | ast.AnnAssign | ast.Return) and (
            chosen.optimizer or chosen.plot):
        return False  # a script has neither
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        return any(isinstance(part, ast.Call) for statement in body for part in ast.walk(statement)) and not any(
            isinstance(statement, ast.Import | ast.ImportFrom) for statement in body[-1:])
    call = body[0].value
    return isinstance(call, ast.Call) and any(
        (isinstance(part, ast.keyword) and part.arg == "lr_scheduler")
        or (isinstance(part, ast.Constant) and part.value == "lr_scheduler") for part in ast.walk(call))


def run(chosen: Namespace, parser: Parser) -> int:
    """Print each scheduler of a script and its ports. Returns 0 if all were ported, else 2. Raises PortError."""
    for name, value in (("--optimizer", chosen.optimizer), ("--plot", chosen.plot)):
        if value is not None:
            raise PortError(f"argument {name}: not supported for a script, got {value!s}")
    if is_script(chosen.what):
        name = chosen.what
        tree, _ = parse_file(name)
    else:
        name, tree = "text", parse_text(chosen.what.strip(), "text")
    values = parse_settings(chosen.settings)
    read = read_values(values)
    scope = ScriptScope(dict(read), source=chosen.source, fixed=frozenset(read))
    try:
        follow(tree, scope)
        pairs = read_pairs(scope, chosen.lr, updates_per_epoch=chosen.updates_per_epoch, total=chosen.total_updates)
    except RecursionError:
        raise PortError(f"{name}: nested too deeply") from None
    check_used(scope, values)
    by_hand = find_hand_set(tree)
    targets = list(TARGETS) if chosen.to == "all" else [chosen.to]
    ports = [_port(pair, targets, chosen) for pair in pairs]
    opened = [pair for pair, port in zip(pairs, ports) if isinstance(port, str)]
    if chosen.json:
        print(json.dumps(_write_document(name, pairs, ports, by_hand, scope), indent=1))
    else:
        print(_write_text(name, pairs, ports, by_hand, scope))
    if not pairs:
        parser.exit(USAGE, f"{parser.prog} port: {name}: no scheduler of {', '.join(SOURCES)} is built in it\n")
    if opened:
        needs = dict.fromkeys(need for pair in opened for need in pair.needs)
        settings = " ".join(f"--set {shlex.quote(f'{need}=VALUE')}" for need in needs)
        what = f": give {settings}" if needs else ", for the reason above"
        parser.exit(USAGE, f"{parser.prog} port: {name}: {len(opened)} of {len(pairs)} schedulers not ported{what}\n")
    return 0


def _port(pair: Pair, targets: Sequence[str], chosen: Namespace) -> Ported | str:
    """Return the ports of a scheduler, or the reason why it is not ported."""
    if pair.reading is None:
        return pair.reason
    try:
        codes = write_all_spellings(pair.reading.schedule, targets)
    except (SpecificationError, FormulaError) as error:
        return str(error)
    return measure_spellings(pair.reading, codes, chosen.updates, measure=not chosen.no_measure)


def _describe(pair: Pair) -> str:
    scheduler = pair.scheduler
    library = f" of {scheduler.kind.source}" if scheduler.kind.source else ""
    optimizer = f", with {_write_optimizer(pair.optimizer)}" if pair.optimizer is not None else ""
    line = f" of line {pair.line}" if pair.line else ""
    around = f", in {' in '.join(reversed(scheduler.around))}" if scheduler.around else ""
    return f"line {scheduler.line}: {scheduler.name}{library}{optimizer}{line}{around}"


def _write_optimizer(optimizer: Call) -> str:
    """Return the call of an optimizer with the values of its names."""
    return shorten_text(repr(replace(optimizer, text="") if optimizer.function or not optimizer.text else optimizer))


def _write_text(name: str, pairs: list[Pair], ports: list[Ported | str], by_hand: list[HandSet],
                scope: ScriptScope) -> str:
    lines = []
    for pair, port in zip(pairs, ports):
        lines.append(f"# == {name}, {_describe(pair)}")
        if pair.scheduler.stepped:
            lines.append(f"# {pair.scheduler.stepped}. A step is read as one update; "
                         f"if it follows an epoch, see {EPOCHS}")
        lines += [f"# not ported: {port}", ""] if isinstance(port, str) else [port.write_text(), ""]
    for skipped in scope.list_skipped():
        lines.append(f"# {name}, line {skipped.line}: {skipped.name} is not built with these values: {skipped.branch}")
    for custom, line in scope.custom:
        lines.append(f"# {name}, line {line}: {custom} is a custom class; how to specify it: {PAGE}")
    for item in by_hand:
        lines.append(f"# {name}, line {item.line}: {item.how}; how to specify such a loop: {PAGE}")
    return "\n".join(lines).rstrip()


def _write_document(name: str, pairs: list[Pair], ports: list[Ported | str], by_hand: list[HandSet],
                    scope: ScriptScope) -> dict[str, Any]:
    return {
        "format": 1, "script": name,
        "schedulers": [{
            "line": pair.scheduler.line, "class": pair.scheduler.name,
            "library": pair.scheduler.kind.source,
            "constructor": None if pair.scheduler.call is None else repr(pair.scheduler.call),
            "optimizer": None if pair.optimizer is None else _write_optimizer(pair.optimizer),
            "optimizer_line": pair.line or None,
            "around": list(pair.scheduler.around), "needs": list(pair.needs),
            "reason": port if isinstance(port, str) else None,
            "ported": None if isinstance(port, str) else port.write_document()} for pair, port in zip(pairs, ports)],
        "not_built": [{"line": item.line, "class": item.name, "branch": item.branch} for item in scope.list_skipped()],
        "custom": [{"line": line, "class": custom} for custom, line in scope.custom],
        "by_hand": [{"line": item.line, "how": item.how} for item in by_hand]}
