"""The command line of every exercise: trains the runs of its plan that have no row, in the study's runner."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser, framework, parse_count
from frameworks.exit_codes import USAGE
from reproduce.study.__main__ import EXIT_CODES, run_plan, split_trials
from reproduce.study.plan import Plan, PlanError, Trial, read_single_plan
from reproduce.trainer.command import print_error, report_errors

if TYPE_CHECKING:
    from reproduce.exercises.results import Results

HERE = Path(__file__).parent
#: Runs of 30 epochs an hour, two at a time: about what two cores train.
SPEED = 45


@dataclass(frozen=True)
class Exercise:
    """An exercise, or an experiment that the chapter only cites.

    name: of its script and its plan.
    title: of its section on the page.
    question: in a sentence.
    answer: returns the answer in Markdown, from at least one run.
    """

    name: str
    title: str
    question: str
    answer: Callable[[Results], str]

    @property
    def plan(self) -> Path:
        """The file of its plan."""
        return HERE / "plans" / f"{self.name}.toml"


def main(exercise: Exercise, arguments: list[str] | None = None) -> int:
    """Train the runs of an exercise that have no row, and return the exit code."""
    parser = Parser(prog=f"{exercise.name}.py", description=f"{exercise.title}. {exercise.question}", epilog=EXIT_CODES)
    parser.add_argument("--framework", type=framework,
                        help=f"train in {', '.join(FRAMEWORKS)} (default: the frameworks of the plan)")
    parser.add_argument("--dry-run", action="store_true", help="print how many runs there are to do, and train nothing")
    parser.add_argument("--jobs", type=parse_count, metavar="N",
                        help="runs at a time, each with one thread on one processor (default: one for each processor)")
    parser.add_argument("--study", type=Path, default=HERE, metavar="DIR",
                        help="folder of runs.csv and curves.jsonl (default: reproduce/exercises)")
    parser.add_argument("--out", type=Path, default=Path("runs/exercises"), metavar="DIR",
                        help="folder of unfinished runs (default: runs/exercises)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR",
                        help="folder of the four files of Fashion-MNIST (default: search the usual folders)")
    parser.add_argument("--offline", action="store_true", help="download nothing, not even missing data")
    chosen = parser.parse_args(arguments, Namespace(ray=None, shard=(1, 1)))
    try:
        plan = read_single_plan(exercise.plan)
        plan = plan.replace(frameworks=[chosen.framework]) if chosen.framework else plan
        return report_errors(lambda: print_runs(plan, chosen) if chosen.dry_run else run_plan(plan, chosen))
    except PlanError as error:
        return print_error(error, USAGE)


def print_runs(plan: Plan, chosen: Namespace) -> int:
    """Print how many runs of a plan are to do, the first of them, and about how many hours they take."""
    trials = plan.list_trials()
    left, done = split_trials(trials, chosen.study)
    print(f"{len(trials)} runs, {len(done)} have their row, {len(left)} to do: {format_hours(left)}")
    if left:
        print(f"next: {left[0].name}")
    return 0


def format_hours(trials: list[Trial]) -> str:
    """Return about how long some runs take."""
    return f"about {sum(trial.epochs for trial in trials) / 30 / SPEED:.1f} hours at {SPEED} runs of 30 epochs an hour"
