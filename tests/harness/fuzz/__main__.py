"""Reads damaged and hostile files as the commands do; each must be accepted as valid or refused as documented.

python -m tests.harness.fuzz --cases 5000 --seed 0

Prints a line of JSON for each kind of file. Exit codes: 0, or 4 if something else happened: another error, code that
was run, a connection, too much memory or time, an invalid file that was accepted. The case is written to a file, and
--repeat reads it again.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from frameworks.arguments import Parser, build_choice_type, parse_count, parse_seed
from frameworks.exit_codes import FAILED
from tests.harness.fuzz import documents, images, runs, words
from tests.harness.fuzz.target import Target, UndocumentedError, survey, try_file
from tests.harness.fuzz.watch import limit_memory

TARGETS = (*documents.TARGETS, *words.TARGETS, *runs.TARGETS, *images.TARGETS)
#: Bytes of addresses that reading may use, in addition to those of the process.
ADDRESSES = 1 << 30


def main(arguments: list[str] | None = None, targets: Sequence[Target] = TARGETS) -> int:
    """Read the cases of each kind and return the exit code. targets: the kinds of files."""
    names = {target.name: target for target in targets}
    parser = Parser(prog="tests.harness.fuzz",
                    description="Read damaged and hostile files as the commands do; report undocumented answers.")
    parser.add_argument("--cases", type=parse_count, default=5000, metavar="N",
                        help="number of cases, of all kinds together (default: 5000)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N", help="seed of the cases (default: 0)")
    parser.add_argument("--target", type=build_choice_type(tuple(names)),
                        help=f"only one of {', '.join(names)} (default: all)")
    parser.add_argument("--out", type=Path, default=Path("."), metavar="DIR",
                        help="folder of cases that went wrong (default: .)")
    parser.add_argument("--repeat", type=Path, metavar="FILE", help="read this case of --target again")
    chosen = parser.parse_args(arguments)
    if chosen.repeat and not chosen.target:
        parser.error("argument --repeat: needs --target")
    if sys.flags.optimize:
        parser.error("needs assert statements, which python -O leaves out")
    wanted = [names[chosen.target]] if chosen.target else list(names.values())
    with tempfile.TemporaryDirectory() as folder, limit_memory(ADDRESSES):
        if chosen.repeat:
            return _repeat(wanted[0], chosen.repeat, Path(folder))
        each = -(-chosen.cases // len(wanted))
        command = f"python -m tests.harness.fuzz --cases {chosen.cases} --seed {chosen.seed}"
        command += f" --target {chosen.target}" if chosen.target else ""
        return max([_survey(target, each, chosen.seed, Path(folder), chosen.out, command) for target in wanted])


def _survey(target: Target, cases: int, seed: int, folder: Path, out: Path, command: str) -> int:
    place = folder / target.name
    place.mkdir()
    result = survey(target, cases, seed, place)
    print(result.format_line(command), flush=True)
    for number, content, what in result.undocumented:
        path = out / f"fuzz-{target.name}-{seed}-{number}.case"
        path.write_bytes(content)
        print(f"{target.name}: case {number} of seed {seed}: {what}; again: python -m tests.harness.fuzz --target "
              f"{target.name} --repeat {path}", file=sys.stderr)
    return FAILED if result.undocumented else 0


def _repeat(target: Target, path: Path, folder: Path) -> int:
    try:
        print(f"{path}: {try_file(target, path.read_bytes(), folder)}")
    except UndocumentedError as error:
        print(f"{path}: {error}", file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
