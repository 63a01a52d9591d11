"""The command line of every experiment."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from frameworks import FRAMEWORKS, FrameworkMissingError, describe_missing
from frameworks.arguments import (
    Parser,
    build_choice_type,
    device,
    framework,
    parse_count,
    parse_epochs,
    parse_rate,
    parse_seed,
)
from frameworks.epoch import DeviceMissingError
from frameworks.exit_codes import CHECKPOINT, DATA, DIVERGED, INTERRUPTED, TERMINATED, USAGE
from frameworks.schedule import SpecificationError
from frameworks.streams import flush_stream
from reproduce.trainer.data import DataError
from reproduce.trainer.experiment import VARIANTS, Experiment, NotPrintedError
from reproduce.trainer.libraries import LibraryMissingError, check_libraries

#: The end of the help; not in the docstring, which python -OO removes.
EXIT_CODES = """Exit codes: 0 good, 1 unexpected, 2 usage (also a missing framework or device, an output folder that
cannot be used, a training that the book does not print), 3 diverged, 5 data missing or invalid, 6 checkpoint invalid or
of another run, 130 and 143 interrupted (SIGINT, SIGTERM) after saving."""
#: The exit codes after SIGINT and SIGTERM.
STOPPED = (INTERRUPTED, TERMINATED)


def main(experiment: Experiment, arguments: list[str] | None = None) -> int:
    """Run an experiment with the given arguments, and return the exit code."""
    parser = build_parser(f"{experiment.name}.py", f"Train LeNet on Fashion-MNIST: {experiment.name}.")
    chosen = parser.parse_args(arguments)
    return run_chosen(parser, experiment, chosen)


def build_parser(prog: str, description: str) -> Parser:
    """Return the parser of a script that trains once."""
    parser = Parser(prog=prog, description=description, epilog=EXIT_CODES)
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    add_options(parser)
    parser.add_argument("--out", type=Path, metavar="DIR",
                        help="folder of record.json and the figures (default: runs/EXPERIMENT-FRAMEWORK-seedN)")
    parser.add_argument("--resume", metavar="auto|DIR",
                        help="auto: continue from the last checkpoint in --out, if there is one; DIR: from that of "
                             "another run (default: start a new run)")
    return parser


def run_chosen(parser: Parser, experiment: Experiment, chosen: Namespace) -> int:
    """Run an experiment with the parsed arguments, and return the exit code."""
    if chosen.resume is not None and chosen.dry_run:
        parser.error("argument --resume: a dry run has no checkpoints")
    (experiment,) = check_options(parser, chosen, [experiment])
    chosen.out = chosen.out or Path("runs") / name_folder(experiment, chosen)
    return report_errors(lambda: run(experiment, chosen))


def leave(code: int) -> NoReturn:
    """End a script; after a signal at once, since frameworks take a second or two to clean up."""
    if code in STOPPED:
        for stream in (sys.stdout, sys.stderr):
            flush_stream(stream)  # its reader may have closed it
        os._exit(code)
    sys.exit(code)


def add_options(parser: Parser) -> None:
    """Add the arguments that the chapter's command and every experiment share."""
    parser.add_argument("--variant", type=build_choice_type(VARIANTS), default="described",
                        help="described: the schedule of the book's text; printed: what the book's code does "
                             "(default: described)")
    parser.add_argument("--lr", type=parse_rate, metavar="RATE",
                        help="replaces the schedule's base_lr; other rates in it, such as its final rate, stay "
                             "(default: the schedule's)")
    parser.add_argument("--epochs", type=parse_epochs, default=30, metavar="N", help="number of epochs (default: 30)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N",
                        help="seed of the initial weights and the batch order (default: 0)")
    parser.add_argument("--device", type=device, default="auto",
                        help="auto (a GPU if there is one), cpu or gpu (default: auto)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR",
                        help="folder of the four files of Fashion-MNIST (default: search the usual folders)")
    parser.add_argument("--offline", action="store_true", help="download nothing, not even missing data")
    parser.add_argument("--checkpoint-every", type=parse_count, metavar="N",
                        help="also save a checkpoint every N updates (default: only after each epoch)")
    parser.add_argument("--average-from", type=parse_count, metavar="N",
                        help="also evaluate the mean of the weights after epochs N to the last (default: no mean)")
    parser.add_argument("--dry-run", action="store_true",
                        help="train one update, evaluate one test batch, write one record")
    parser.add_argument("--no-figure", action="store_true", help="do not draw figure.svg and figure.png")
    parser.add_argument("--tensorboard", action="store_true", help="also write the numbers as TensorBoard events")
    parser.add_argument("--quiet", action="store_true", help="print only the closing line")


def check_options(parser: Parser, chosen: Namespace, experiments: list[Experiment]) -> list[Experiment]:
    """Return the experiments with the chosen base rate.

    Ends with exit code 2 if options of `add_options` contradict each other, or an experiment.
    """
    if chosen.average_from and chosen.average_from > chosen.epochs:
        parser.error(f"argument --average-from: must be at most --epochs, {chosen.epochs}, got {chosen.average_from}")
    if chosen.lr is None:
        return experiments
    if chosen.variant == "printed":
        parser.error("argument --lr: the printed variant has the rates of the book's code only")
    try:
        return [experiment.replace_rate(chosen.lr) for experiment in experiments]
    except SpecificationError as error:
        parser.error(f"argument --lr: {'; '.join(error.mistakes)}")


def name_folder(experiment: Experiment, chosen: Namespace) -> str:
    """Return the name of a run's folder."""
    parts = [experiment.name, chosen.framework, f"seed{chosen.seed}"]
    parts += [] if experiment.lr is None else [f"lr{experiment.lr!r}"]
    parts += ["printed"] * (chosen.variant == "printed") + ["dry-run"] * chosen.dry_run
    return "-".join(parts)


def run(experiment: Experiment, chosen: Namespace) -> int:
    """Check that every library is installed, then import the training and run it."""
    check_libraries(chosen, [chosen.framework])
    from reproduce.trainer.run import train

    return train(experiment, chosen)


def report_errors(work: Callable[[], int]) -> int:
    """Return the exit code of some work; print one line on stderr for its error, if any."""
    from reproduce.trainer.errors import CheckpointError, DivergedError, OutputError

    try:
        return work()
    except (FrameworkMissingError, LibraryMissingError, DeviceMissingError, NotPrintedError, OutputError,
            SpecificationError) as error:
        return print_error(error, USAGE)
    except ModuleNotFoundError as error:
        return print_error(describe_missing((error.name or str(error)).partition(".")[0]), USAGE)
    except ImportError as error:  # it is installed, but does not fit the other libraries
        return print_error(f"a library cannot be imported: {' '.join(str(error).split())[:300]}", USAGE)
    except DivergedError as error:
        return print_error(error, DIVERGED)
    except DataError as error:
        return print_error(error, DATA)
    except CheckpointError as error:
        return print_error(error, CHECKPOINT)
    except KeyboardInterrupt:
        return print_error("interrupted: nothing was saved", INTERRUPTED)


def print_path(what: str, path: Path) -> None:
    """Print the path of a file as given, with escapes for letters that stdout cannot encode."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    text = str(path) if str(path).isprintable() else ascii(str(path))
    print(f"{what}: {text.encode(encoding, 'backslashreplace').decode(encoding)}", flush=True)


def print_error(what: object, code: int) -> int:
    """Print a line on stderr and return the exit code."""
    print(what, file=sys.stderr)
    return code
