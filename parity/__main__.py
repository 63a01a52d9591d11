"""The command line: python -m parity COMMAND, or lr-parity COMMAND."""

from __future__ import annotations

import sys

from parity.versions import Version, check_required

check_required(sys.argv[1:])

from importlib import import_module
from pathlib import Path

from frameworks import FrameworkMissingError, describe_missing
from frameworks.arguments import Parser, framework, parse_count, parse_counts
from frameworks.exit_codes import INTERRUPTED, UNEXPECTED, USAGE
from frameworks.schedule import Schedule, SpecificationError, read
from frameworks.streams import discard
from frameworks.whole_files import describe_error
from parity.measuring.measure import iterate_text, measure, measure_columns, read_applied_rates

#: The end of the help. It is not the docstring, since python -OO removes docstrings.
EXIT_CODES = ("Exit codes: 0 good, 1 unexpected, 2 usage, bad specification or missing framework, 4 parity failed, "
              "130 interrupted.")
#: Commands with a separate parser: the module of each `main`, and what the command does.
OTHERS = {
    "guide": ("parity.pages.guide.__main__", "write the guide, frameworks/PORTING.md and frameworks/porting"),
    "coverage": ("parity.pages.coverage.__main__", "write the table of every library's schedulers"),
    "coverage-record": ("parity.pages.coverage.record", "record the rates of other libraries' schedulers"),
    "optax-record": ("parity.pages.guide.optax_record", "record the rates that optax's spellings apply"),
    "mistakes": ("parity.pages.mistakes", "write the page of known mistakes"),
    "vectors": ("parity.vectors.__main__", "write the vector files"),
    "kinds": ("parity.pages.kinds", "write the files derived from the kinds: exports, schema, README's table, gallery"),
    "schema": ("frameworks.schedule.__main__", "print the JSON Schema of a schedule"),
    "run-schema": ("parity.port.scripts.run", "print the JSON Schema of a run file"),
}
#: The most updates of one JSON document: more make a file too large to open.
MAX_UPDATES = 10_000_000


def main(arguments: list[str] | None = None, prog: str = "python -m parity") -> int:
    """Run one command, called `prog` in its messages, and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given and given[0] in OTHERS:
            return import_module(OTHERS[given[0]][0]).main(given[1:], f"{prog} {given[0]}")
        parser = _build_parser(prog, given)
        chosen = parser.parse_args(given)
        return chosen.run(chosen, parser)
    except (SpecificationError, FrameworkMissingError) as error:
        print(error, file=sys.stderr)
        return USAGE
    except ModuleNotFoundError as error:
        print(describe_missing(error.name or str(error)), file=sys.stderr)
        return USAGE
    except OSError as error:
        discard(sys.stdout)
        if not isinstance(error, BrokenPipeError):  # the reader closed the pipe
            what = "cannot print" if error.filename is None else error.filename
            print(f"{what}: {describe_error(error)}", file=sys.stderr)
        return UNEXPECTED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _build_parser(prog: str, given: list[str]) -> Parser:
    """Return the parser. Imports only the command that is given: importing all takes 1.5 times as long."""
    parser = Parser(prog=prog, description="Measure the learning rates that optimizers really apply.",
                    epilog=EXIT_CODES)
    parser.add_argument("--version", action=Version, help="print the versions of this project and of the frameworks")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run, about in (
        ("measure", _measure, "make updates with a framework's SGD and print the rates they applied, as JSON"),
        ("plot", _plot, "draw schedules over updates"),
    ):
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        command.add_argument("specifications", nargs="+", metavar="SPEC.json", help="schedules, .json or .toml")
        command.add_argument("--framework", type=framework, required=name == "measure",
                             action="store" if name == "measure" else "append",
                             help="mxnet, torch or tensorflow" + ("" if name == "measure" else ", measured on top"))
    measuring, plotting = commands.choices["measure"], commands.choices["plot"]
    measuring.add_argument("--updates", type=parse_counts, required=True, metavar="N",
                           help="number of updates: one for all, or one for each specification, separated by commas")
    plotting.add_argument("--updates", type=parse_count, metavar="N",
                          help="number of updates (default: 1.25 times the longest horizon, at least 50)")
    plotting.add_argument("--out", type=Path, required=True, metavar="FILE", help=".svg or .png")
    for name, module, about in (
        ("gallery", "pages.gallery", "draw every kind of schedule on one sheet"),
        ("check", "conformance.check", "check another implementation against the cases of the gate"),
        ("report", "pages.report.command", "measure all cases and write parity.json, parity.md and index.html"),
        ("edit", "pages.edit.command", "write the schedule editor, an HTML page, and open it"),
        ("port", "port.command", "write a framework's scheduler for another framework, and measure its rates"),
        ("explain", "explain.command", "report where two sequences of rates begin to differ, by how much, and why"),
    ):
        command = commands.add_parser(name, help=about, description=about)
        if name in given:
            imported = import_module(f"parity.{module}")
            command.set_defaults(run=imported.run)
            imported.add_arguments(command)
    for name, (_, about) in OTHERS.items():
        commands.add_parser(name, help=about)
    return parser


def _read_all(paths: list[str]) -> list[Schedule]:
    """Read all specifications. Raises SpecificationError with the mistakes of all files."""
    schedules, mistakes = [], []
    for path in paths:
        try:
            schedules.append(read(path))
        except SpecificationError as error:
            mistakes += error.mistakes
    if mistakes:
        raise SpecificationError(mistakes)
    return schedules


def _measure(chosen, parser: Parser) -> int:
    updates = chosen.updates * len(chosen.specifications) if len(chosen.updates) == 1 else chosen.updates
    if len(updates) != len(chosen.specifications):
        parser.error(f"argument --updates: must be one number or {len(chosen.specifications)}, "
                     f"one for each specification, got {len(updates)}")
    _check_total(sum(updates), parser)
    schedules = _read_all(chosen.specifications)
    document = measure_columns(chosen.framework, list(zip(chosen.specifications, schedules, updates)))
    for text in iterate_text(document):
        print(text, end="")
    print(flush=True)
    return 0


def _plot(chosen, parser: Parser) -> int:
    if chosen.out.suffix.lower() not in (".svg", ".png"):
        parser.error(f"argument --out: must end in .svg or .png, got {str(chosen.out)!r}")
    schedules = dict(zip(_build_labels(chosen.specifications), _read_all(chosen.specifications)))
    updates = chosen.updates or max(50, *(schedule.horizon * 5 // 4 for schedule in schedules.values()))
    _check_total(updates * len(schedules), parser)
    applied = {}
    for name in chosen.framework or ():
        document = measure(name, [(label, schedule, updates) for label, schedule in schedules.items()])
        for result in document["specifications"]:
            applied[f"{name}: {result['name']}"] = read_applied_rates(result)[:, 0]
    from parity.measuring.plot import plot

    try:
        plot(schedules, updates, chosen.out, applied)
    except OSError as error:
        parser.error(f"argument --out: {chosen.out}: {describe_error(error)}")
    return 0


def _build_labels(paths: list[str]) -> list[str]:
    """Return the names for the legend: file names without suffix, or whole paths if two names are equal."""
    stems = [Path(path).stem for path in paths]
    names = stems if len(set(stems)) == len(stems) else paths
    # matplotlib hides labels that begin with an underscore and typesets text between two dollars
    return [name.encode(errors="backslashreplace").decode().replace("_", " ").replace("$", r"\$") for name in names]


def _check_total(updates: int, parser: Parser) -> None:
    if updates > MAX_UPDATES:
        parser.error(f"argument --updates: at most {MAX_UPDATES} updates in all, got {updates}")


if __name__ == "__main__":
    sys.exit(main())
