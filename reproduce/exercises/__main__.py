"""Writes the pages of the exercises, and the plan that confirms exercise 1: python -m reproduce.exercises results."""

from __future__ import annotations

import sys

from frameworks.arguments import Parser
from frameworks.exit_codes import USAGE
from frameworks.generated import ROOT, update
from frameworks.whole_files import replace_whole
from reproduce.study.plan import PlanError
from reproduce.trainer.command import print_error, report_errors
from reproduce.trainer.errors import OutputError

EXIT_CODES = """Exit codes: 0 good, 1 unexpected, 2 usage (also an unusable plan or file of runs, a missing library, or
runs that are missing), 4 a page is not current."""
PLAN = """# Exercise 1, confirmation: the best two rates of fixed_rate.toml on other seeds, in three frameworks.
# made by: python -m reproduce.exercises confirm
experiments = ["constant"]
rates = {rates}
variants = ["described"]
frameworks = ["mxnet", "torch", "tensorflow"]
seeds = {{first = 2010, count = 10}}
epochs = 30
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command of the exercises, and return the exit code."""
    parser = Parser(prog="python -m reproduce.exercises", description="Answer the chapter's exercises from their runs.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help in (("results", "write EXERCISES.md, its figures, and the tables of exercises 3 and 5"),
                       ("confirm", "write the plan of the best two rates of exercise 1")):
        command = commands.add_parser(name, help=help, epilog=EXIT_CODES,
                                      description=f"{help.capitalize()}. Needs requirements/study.txt.")
        if name == "results":
            command.add_argument("--check", action="store_true",
                                 help="write nothing; list the files that are not current")
    chosen = parser.parse_args(arguments)
    if not (ROOT / "pyproject.toml").exists():
        parser.error("needs a clone of this project: it writes files that are not in the package")
    try:
        return report_errors(lambda: _confirm() if chosen.command == "confirm" else _write_results(chosen.check))
    except PlanError as error:
        return print_error(error, USAGE)


def _write_results(check: bool) -> int:
    from reproduce.exercises import exercise, page, records

    texts = records.build_pages(exercise.HERE, page.COMMAND)  # the figures take longer than a mistake in a record
    texts |= page.build_files(page.read_results(exercise.HERE))
    return update(texts, exercise.HERE, page.COMMAND, check=check)


def _confirm() -> int:
    from reproduce.exercises import exercise, fixed_rate, page
    from reproduce.exercises.results import Results
    from reproduce.study.plan import read_single_plan

    results = Results(read_single_plan(fixed_rate.EXERCISE.plan), page.read_results(exercise.HERE))
    if (best := fixed_rate.choose_best(results)) is None:
        raise OutputError(f"{fixed_rate.EXERCISE.plan}: must have all its runs before two rates are chosen, has "
                          f"{results.made} of {results.planned}")
    replace_whole({fixed_rate.CONFIRM: PLAN.format(rates=sorted(best)).encode()})
    print(f"{fixed_rate.CONFIRM}: {best[0]:g} and {best[1]:g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
