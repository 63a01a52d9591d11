"""Runs the study: python -m reproduce.study run PLAN."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
from argparse import Namespace
from pathlib import Path

from frameworks.arguments import Parser, parse_count, parse_seed
from frameworks.exit_codes import USAGE
from frameworks.generated import ROOT
from reproduce.study import rows
from reproduce.study.plan import Plan, PlanError, PlanOfPlans, Trial, read_plan
from reproduce.trainer.command import print_error, report_errors
from reproduce.trainer.data import load
from reproduce.trainer.errors import OutputError
from reproduce.trainer.libraries import check_libraries
from reproduce.trainer.unbroken import ignore_write_errors

EXIT_CODES = """Exit codes: 0 every run of the plan or shard has its row, 1 a run failed (its line has the reason),
2 usage (also an unusable plan or folder, a missing library), 4 check found other weights, a page is not current or a
simulated size is out of bounds, 5 data missing or invalid, 130 and 143
interrupted (SIGINT, SIGTERM) after all runs have saved, with --ray without saving. The same command continues."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command of the study, and return the exit code."""
    parser = Parser(prog="python -m reproduce.study", description="Run the plans of the study in PROTOCOL.md.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help, work in (("run", "run a plan's trials that have no row yet", _run),
                             ("status", "print how many trials of a plan have a row", _print_status),
                             ("check", "repeat the first epoch of rows, and compare the weights bit for bit", _check)):
        command = commands.add_parser(name, help=help, description=f"{help.capitalize()}.", epilog=EXIT_CODES)
        if name == "check":
            command.add_argument("--rows", type=parse_count, default=1, metavar="N", help="how many rows (default: 1)")
            command.add_argument("--seed", type=parse_seed, metavar="N",
                                 help="seed of the choice of rows (default: random)")
        else:
            command.add_argument("plan", type=Path, metavar="PLAN",
                                 help="a TOML file, such as those in reproduce/study/plans")
        command.add_argument("--study", type=Path, default=rows.HERE, metavar="DIR",
                             help="the folder of runs.csv and curves.jsonl (default: reproduce/study)")
        command.set_defaults(work=work)
        if name == "run":
            _add_run_options(command)
        if name != "status":
            command.add_argument("--data-dir", type=Path, metavar="DIR",
                                 help="folder of the four files of Fashion-MNIST (default: search the usual folders)")
            command.add_argument("--offline", action="store_true",
                                 help="download nothing, not even missing data")
    for name, help, work in (("results", "write the page of results and its figures", _write_results),
                             ("simulate", "apply each statistical procedure to simulated data", _simulate)):
        command = commands.add_parser(name, help=help, epilog=EXIT_CODES,
                                      description=f"{help.capitalize()}. Needs requirements/study.txt.")
        command.add_argument("--check", action="store_true", help="write nothing; list the files that are not current")
        command.set_defaults(work=work)
    chosen = parser.parse_args(arguments)
    if "ray" in chosen and chosen.ray and chosen.jobs:
        parser.error("argument --jobs: not with --ray, which uses all processors of the cluster")
    if "check" in chosen and not (ROOT / "pyproject.toml").exists():
        parser.error("needs a clone of this project: it writes files that are not in the package")
    try:
        return report_errors(lambda: chosen.work(chosen))
    except PlanError as error:
        return print_error(error, USAGE)


def _add_run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--jobs", type=parse_count, metavar="N",
                         help="runs at a time, each with one thread on one processor (default: one for each processor)")
    command.add_argument("--ray", type=parse_address, metavar="ADDRESS",
                         help="HOST:PORT of a Ray cluster's head node, or auto: train on all processors of the cluster "
                              "of which this machine is a node (default: without Ray)")
    command.add_argument("--shard", type=parse_shard, default=(1, 1), metavar="I/N",
                         help="only every Nth seed, for N machines with one plan (default: 1/1)")
    command.add_argument("--out", type=Path, default=Path("runs/study"), metavar="DIR",
                         help="folder of unfinished runs (default: runs/study)")


def parse_address(text: str) -> str:
    """Return the address of a Ray cluster: "HOST:PORT" or "auto"."""
    host, _, port = text.rpartition(":")
    if text != "auto" and not (re.fullmatch(r"[\w.-]+", host) and port.isascii() and port.isdigit()
                               and 1 <= int(port[:6]) <= 65535):
        raise argparse.ArgumentTypeError(f"must be HOST:PORT or auto, got {text!r}")
    return text


def parse_shard(text: str) -> tuple[int, int]:
    """Return (i, n) of "i/n", 1 <= i <= n."""
    part, slash, whole = text.partition("/")
    if not (slash and part.isascii() and part.isdigit() and whole.isascii() and whole.isdigit() and len(text) < 12
            and 1 <= int(part) <= int(whole)):
        raise argparse.ArgumentTypeError(f"must be I/N with I from 1 to N, got {text!r}")
    return int(part), int(whole)


def _run(chosen: Namespace) -> int:
    return run_plan(read_plan(chosen.plan), chosen)


def run_plan(plan: Plan | PlanOfPlans, chosen: Namespace) -> int:
    """Train the runs of a plan that have no row, and return the exit code. chosen: the options of `run`."""
    check_libraries(Namespace(data_dir=chosen.data_dir, tensorboard=False, no_figure=True),
                    [*plan.frameworks, *["ray"] * bool(chosen.ray)])
    from reproduce.study.runner import Runner
    from reproduce.trainer.folder import make_writable
    from reproduce.trainer.record import list_processors

    if not (chosen.study.is_dir() and os.access(chosen.study, os.W_OK)):
        raise OutputError(f"{chosen.study}: must be a folder that can be written; choose another one with --study")
    load(chosen.data_dir, offline=chosen.offline)  # every run loads it: report missing data once
    make_writable(chosen.out)
    part, parts = chosen.shard
    with rows.lock_rows(chosen.study), ignore_write_errors():
        left, done = split_trials(plan.list_trials(), chosen.study)
        trials = [trial for trial in left if trial.seed % parts == part - 1]
        print(f"{len(trials)} runs to do, {len(done)} of the plan's {len(left) + len(done)} have their row", flush=True)
        settings = (trials, chosen.jobs or len(list_processors()), chosen.out.absolute(), chosen.study,
                    _build_options(chosen))
        if chosen.ray:
            from reproduce.study.cluster import ClusterRunner

            return ClusterRunner(*settings, chosen.ray).run()
        return Runner(*settings).run()


def _check(chosen: Namespace) -> int:
    frameworks = {key[2] for key in rows.read_rows(chosen.study)}
    check_libraries(Namespace(data_dir=chosen.data_dir, tensorboard=False, no_figure=True), frameworks)
    from reproduce.study.check import check

    number = secrets.randbits(31) if chosen.seed is None else chosen.seed
    print(f"rows chosen with --seed {number}")
    return check(chosen.study, chosen.rows, number, _build_options(chosen))


def _write_results(chosen: Namespace) -> int:
    from reproduce.study.analysis.command import write_results

    return write_results(chosen)


def _simulate(chosen: Namespace) -> int:
    from reproduce.study.analysis.command import write_simulation

    return write_simulation(chosen)


def _build_options(chosen: Namespace) -> list[str]:
    """Return the arguments that every run gets."""
    return ["--offline"] * chosen.offline + ([f"--data-dir={chosen.data_dir.absolute()}"] if chosen.data_dir else [])


def _print_status(chosen: Namespace) -> int:
    trials = read_plan(chosen.plan).list_trials()
    left, done = split_trials(trials, chosen.study)
    print(f"{chosen.plan}: {len(done)} of {len(trials)} runs have their row")
    if left:
        print(f"next: {left[0].name}")
    return 0


def split_trials(trials: list[Trial], study: Path) -> tuple[list[Trial], set[Trial]]:
    """Return the trials without a row, and those with one, in the runs.csv of a folder. Raises OutputError."""
    results = rows.read_rows(study)
    done = {trial for trial in trials if trial.key in results}
    for trial in done:
        row = results[trial.key]
        if trial.average_from and not row["diverged"] and row["averaged_from"] != str(trial.average_from):
            raise OutputError(f"{study / rows.RUNS}: {trial.name} has averaged_from {row['averaged_from']!r}, "
                              f"the plan has {trial.average_from}")
    return [trial for trial in trials if trial not in done], done


if __name__ == "__main__":
    sys.exit(main())
