"""Run the chapter: every experiment in one or all frameworks, skipping what is already done.

python reproduce/chapter.py --framework all
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project, in place of this folder

from argparse import Namespace
from importlib import import_module
from itertools import count
from typing import Any

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser, one_of
from reproduce import constant, cosine, factor, multi_factor, polynomial, square_root, warmup
from reproduce.trainer.child import ended
from reproduce.trainer.command import add_options, answered, check_options, folder, print_path
from reproduce.trainer.errors import OutputError
from reproduce.trainer.experiment import Experiment
from reproduce.trainer.libraries import check_libraries, importable
from reproduce.trainer.manifest import read_record
from reproduce.trainer.unbroken import unbroken

#: All experiments, in the chapter's order.
EXPERIMENTS = tuple(module.EXPERIMENT for module in (
    constant, square_root, factor, multi_factor, polynomial, cosine, warmup))


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments say and return the exit code: the first that is not 0."""
    parser = Parser(prog="chapter.py", description="Run all experiments of the chapter that are not done yet.")
    parser.add_argument("--framework", type=one_of((*FRAMEWORKS, "all")), default="all",
                        help=f"{', '.join(FRAMEWORKS)} or all (default)")
    add_options(parser)
    parser.add_argument("--out", type=Path, default=Path("runs"), metavar="DIR",
                        help="for a folder for each run, and the figures; runs")
    chosen = parser.parse_args(arguments)
    check_options(parser, chosen)
    with unbroken():
        return answered(lambda: _run(chosen))


def _run(chosen: Namespace) -> int:
    experiments = [experiment for experiment in EXPERIMENTS if chosen.variant == "described" or experiment.printed]
    names = FRAMEWORKS if chosen.framework == "all" else (chosen.framework,)
    each = {name: Namespace(**vars(chosen) | {"framework": name}) for name in names}
    unfinished = [name for name in names if not all(_finished(experiment, each[name]) for experiment in experiments)]
    for name in set(unfinished) - set(_usable(unfinished, chosen)):
        del each[name]
    for experiment in experiments:
        for one in each.values():
            code = _one(experiment, one)
            if code:
                return code
        if not chosen.no_figure:
            _overlay(experiment, chosen)
    return 0


def _usable(frameworks: list[str], chosen: Namespace) -> list[str]:
    """Return those of the frameworks that can train; a line on stderr names each other. Raises what check_libraries and
    importable raise. Of a single framework nothing is imported: its first run does that before it trains.
    """
    single = chosen.framework != "all"
    if frameworks:
        check_libraries(chosen, frameworks if single else ())
    return frameworks if single or not frameworks else importable(frameworks, chosen.device)


def _finished(experiment: Experiment, chosen: Namespace) -> dict[str, Any] | None:
    """Return the record of a run that need not be run any more. Raises OutputError if it is of another run."""
    path = chosen.out / folder(experiment, chosen) / "record.json"
    record = None if chosen.dry_run else _read(path)
    return record if record and _is_done(record, experiment, chosen, path) else None


def _one(experiment: Experiment, chosen: Namespace) -> int:
    """Run an experiment in a process of its own, unless it is done; go on with one that has been stopped or killed."""
    from reproduce.trainer.checkpoint import exists

    out = chosen.out / folder(experiment, chosen)
    path = out / "record.json"
    if record := _finished(experiment, chosen):
        print(f"{out.name}: done already", flush=True)
        if not chosen.no_figure and not all((out / f"figure.{kind}").exists() for kind in ("svg", "png")):
            import_module("reproduce.trainer.run").draw(record, out)
        return 0
    record = None if chosen.dry_run else _read(path)
    if record and record["epochs"] and not exists(out):
        _set_aside(path)
    print(f"{out.name}:", flush=True)
    command = [sys.executable, str(Path(__file__).with_name(f"{experiment.name}.py")), f"--out={out}",
               "--framework", chosen.framework, "--variant", chosen.variant, "--epochs", str(chosen.epochs),
               "--seed", str(chosen.seed), "--device", chosen.device]
    command += [] if chosen.dry_run else ["--resume", "auto"]
    command += [f"--data-dir={chosen.data_dir}"] if chosen.data_dir else []
    for option in ("checkpoint_every", "average_from"):
        value = getattr(chosen, option)
        command += [f"--{option.replace('_', '-')}={value}"] if value else []
    for option in ("dry_run", "no_figure", "tensorboard", "quiet", "offline"):
        command += [f"--{option.replace('_', '-')}"] * getattr(chosen, option)
    code = ended(command)
    return code if code >= 0 else 128 - code  # ended by a signal


def _is_done(record: dict[str, Any], experiment: Experiment, chosen: Namespace, path: Path) -> bool:
    """Tell whether a record is of a finished run. Raises OutputError if it is not of the run that is asked for."""
    asked = (experiment.name, chosen.variant, chosen.framework, chosen.seed, False)
    if tuple(record.get(key) for key in ("experiment", "variant", "framework", "seed", "dry_run")) != asked:
        raise OutputError(f"{path}: is the record of another run; move it away, or choose another --out")
    if record["finished"] and record["epochs_planned"] != chosen.epochs:
        raise OutputError(f"{path}: has {record['epochs_planned']} epochs, asked for {chosen.epochs}; "
                          "move it away, or choose another folder with --out")
    return record["finished"]


def _set_aside(path: Path) -> None:
    """A run without a checkpoint cannot be continued; what it has is kept."""
    try:
        free = (path.with_name(f"stopped-{number}.json") for number in count(1))
        path.rename(next(name for name in free if not name.exists()))
    except OSError as error:
        raise OutputError(f"{path}: cannot be set aside: {error.strerror}") from None


def _overlay(experiment: Experiment, chosen: Namespace) -> None:
    """Draw what there is of an experiment, all frameworks in one figure."""
    from reproduce.trainer.figures import draw_chapter

    found = {}
    for framework in FRAMEWORKS:
        name = folder(experiment, Namespace(**vars(chosen) | {"framework": framework}))
        record = _read(chosen.out / name / "record.json")
        if record and record["epochs"]:
            found[framework] = record
    name = folder(experiment, Namespace(**vars(chosen) | {"framework": "all"}))
    for kind in ("svg", "png"):
        draw_chapter(found, chosen.out / f"{name}.{kind}")
    if not chosen.quiet:
        print_path("figure", chosen.out / f"{name}.svg")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return read_record(path)
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
