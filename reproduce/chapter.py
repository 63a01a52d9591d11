"""Run the chapter: every experiment in one or all frameworks, skipping what is already done.

python reproduce/chapter.py --framework all
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from argparse import Namespace
from importlib import import_module
from itertools import count
from typing import Any

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser, build_choice_type
from reproduce import constant, cosine, factor, multi_factor, polynomial, square_root, warmup
from reproduce.trainer.child import run_child
from reproduce.trainer.command import add_options, check_options, name_folder, print_path, report_errors
from reproduce.trainer.errors import OutputError
from reproduce.trainer.experiment import Experiment
from reproduce.trainer.libraries import check_libraries, find_importable
from reproduce.trainer.manifest import read_record
from reproduce.trainer.unbroken import ignore_write_errors

#: All experiments, in the chapter's order.
EXPERIMENTS = tuple(module.EXPERIMENT for module in (
    constant, square_root, factor, multi_factor, polynomial, cosine, warmup))


def main(arguments: list[str] | None = None) -> int:
    """Run the chapter and return the exit code: the first that is not 0."""
    parser = Parser(prog="chapter.py", description="Run all experiments of the chapter that are not done yet.")
    parser.add_argument("--framework", type=build_choice_type((*FRAMEWORKS, "all")), default="all",
                        help=f"{', '.join(FRAMEWORKS)} or all (default: all)")
    add_options(parser)
    parser.add_argument("--out", type=Path, default=Path("runs"), metavar="DIR",
                        help="folder of the run folders and of the figures (default: runs)")
    chosen = parser.parse_args(arguments)
    experiments = check_options(parser, chosen, [
        experiment for experiment in EXPERIMENTS if chosen.variant == "described" or experiment.printed])
    with ignore_write_errors():
        return report_errors(lambda: _run(experiments, chosen))


def _run(experiments: list[Experiment], chosen: Namespace) -> int:
    names = FRAMEWORKS if chosen.framework == "all" else (chosen.framework,)
    each = {name: Namespace(**vars(chosen) | {"framework": name}) for name in names}
    unfinished = [name for name in names if not all(_read_result(item, each[name]) for item in experiments)]
    for name in set(unfinished) - set(_find_usable(unfinished, chosen)):
        del each[name]
    for experiment in experiments:
        for options in each.values():
            code = _run_one(experiment, options)
            if code:
                return code
        if not chosen.no_figure:
            _draw_overlay(experiment, chosen)
    return 0


def _find_usable(frameworks: list[str], chosen: Namespace) -> list[str]:
    """Return the frameworks that can train; print a line on stderr for each other framework.

    A single framework is not imported here: its first run imports it before it trains. Raises what check_libraries and
    importable raise.
    """
    single = chosen.framework != "all"
    if frameworks:
        check_libraries(chosen, frameworks if single else ())
    return frameworks if single or not frameworks else find_importable(frameworks, chosen.device)


def _read_result(experiment: Experiment, chosen: Namespace) -> dict[str, Any] | None:
    """Return the record of a finished run, None if it must run. Raises OutputError if the record is of another run."""
    path = chosen.out / name_folder(experiment, chosen) / "record.json"
    record = None if chosen.dry_run else _read(path)
    return record if record and _is_complete(record, experiment, chosen, path) else None


def _run_one(experiment: Experiment, chosen: Namespace) -> int:
    """Run an experiment in a separate process unless it is done; continue a run that was stopped or killed."""
    from reproduce.trainer.checkpoint import has_checkpoints

    out = chosen.out / name_folder(experiment, chosen)
    path = out / "record.json"
    if record := _read_result(experiment, chosen):
        print(f"{out.name}: done already", flush=True)
        if not chosen.no_figure and not all((out / f"figure.{kind}").exists() for kind in ("svg", "png")):
            import_module("reproduce.trainer.run").draw(record, out)
        return 0
    record = None if chosen.dry_run else _read(path)
    if record and record["epochs"] and not has_checkpoints(out):
        _set_aside(path)
    print(f"{out.name}:", flush=True)
    command = [sys.executable, str(Path(__file__).with_name(f"{experiment.name}.py")), f"--out={out}",
               "--framework", chosen.framework, "--variant", chosen.variant, "--epochs", str(chosen.epochs),
               "--seed", str(chosen.seed), "--device", chosen.device]
    command += [] if chosen.dry_run else ["--resume", "auto"]
    command += [f"--data-dir={chosen.data_dir}"] if chosen.data_dir else []
    for option in ("lr", "checkpoint_every", "average_from"):
        value = getattr(chosen, option)
        command += [] if value is None else [f"--{option.replace('_', '-')}={value}"]
    for option in ("dry_run", "no_figure", "tensorboard", "quiet", "offline"):
        command += [f"--{option.replace('_', '-')}"] * getattr(chosen, option)
    code = run_child(command)
    return code if code >= 0 else 128 - code  # ended by a signal


def _is_complete(record: dict[str, Any], experiment: Experiment, chosen: Namespace, path: Path) -> bool:
    """Return whether a record is of a finished run. Raises OutputError if it is of another run."""
    expected = (experiment.name, chosen.variant, chosen.framework, chosen.seed, experiment.lr, False)
    if (tuple(record.get(key) for key in ("experiment", "variant", "framework", "seed", "lr", "dry_run")) != expected
            or not experiment.has_first_weights(chosen.variant, chosen.framework, record["first_weights_sha256"])):
        raise OutputError(f"{path}: is the record of another run; move it away, or choose another --out")
    if record["finished"] and record["epochs_planned"] != chosen.epochs:
        raise OutputError(f"{path}: has {record['epochs_planned']} epochs, expected {chosen.epochs}; "
                          "move it away, or choose another folder with --out")
    return record["finished"]


def _set_aside(path: Path) -> None:
    """Rename the record of a run without checkpoints, which cannot be continued, to stopped-N.json."""
    try:
        free = (path.with_name(f"stopped-{number}.json") for number in count(1))
        path.rename(next(name for name in free if not name.exists()))
    except OSError as error:
        raise OutputError(f"{path}: cannot be set aside: {error.strerror}") from None


def _draw_overlay(experiment: Experiment, chosen: Namespace) -> None:
    """Draw the runs of an experiment that have a record, all frameworks in one figure."""
    from reproduce.trainer.figures import draw_chapter

    records = {}
    for framework in FRAMEWORKS:
        name = name_folder(experiment, Namespace(**vars(chosen) | {"framework": framework}))
        record = _read(chosen.out / name / "record.json")
        if record and record["epochs"]:
            records[framework] = record
    name = name_folder(experiment, Namespace(**vars(chosen) | {"framework": "all"}))
    for kind in ("svg", "png"):
        draw_chapter(records, chosen.out / f"{name}.{kind}")
    if not chosen.quiet:
        print_path("figure", chosen.out / f"{name}.svg")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return read_record(path)
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
