"""Writes the pages of the study: the results with their figures, and the simulations."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from frameworks.exit_codes import FAILED, GOOD
from frameworks.generated import update
from frameworks.memory import keep_freed_memory
from reproduce.study import rows
from reproduce.study.analysis import page, resample, simulate
from reproduce.study.analysis.samples import read_study

REPRODUCE = Path(__file__).resolve().parents[2]
SIMULATION = "study/SIMULATION.md"


def write_simulation(chosen: Namespace) -> int:
    """Simulate, write the page or compare it, and return the exit code: 4 if a value is out of bounds."""
    keep_freed_memory()
    rates = simulate.simulate()
    for rate in (failed := [rate for rate in rates if not rate.has_passed(simulate.SIMULATIONS)]):
        print(f"{rate.procedure}, {rate.situation}: {rate.kind} {rate.share:.4f}, expected {rate.nominal}")
    text = simulate.build_page(rates) + resample.build_section(resample.measure_pairs(), resample.measure_samples())
    code = update({SIMULATION: text}, REPRODUCE, simulate.COMMAND, check=chosen.check)
    return FAILED if failed else code or GOOD


def write_results(chosen: Namespace) -> int:
    """Write the page of results and its figures, or compare them, and return the exit code. Raises OutputError."""
    return update(page.build_files(read_study(rows.HERE)), REPRODUCE, page.COMMAND, check=chosen.check)
