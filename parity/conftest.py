"""The gate's measurements (each framework in a process of its own) and its closing table."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from frameworks import FRAMEWORKS
from parity.cases import CASES
from parity.processes import measure_command, started
from parity.table import Measured, closing_table

README = Path(__file__).resolve().parent.parent / "README.md"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-table", action="store_true", help="write the closing table into README.md")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MEASURED] = {}
    config.stash[LOCKSTEP] = []


#: What the tests of this run have compared: (case, framework) -> Measured.
MEASURED = pytest.StashKey[dict[tuple[str, str], Measured]]()
#: What the lockstep has found, a line each.
LOCKSTEP = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> dict[tuple[str, str], Measured]:
    return request.config.stash[MEASURED]


@pytest.fixture(scope="session")
def lockstep(request: pytest.FixtureRequest) -> list[str]:
    return request.config.stash[LOCKSTEP]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Future]]:
    """Start all processes, two at a time; the slowest first."""
    folder = tmp_path_factory.mktemp("specifications")
    schedules: dict = {}  # cases that share a schedule share the measurement
    for case in CASES.values():
        schedules[case.schedule] = max(case.updates, schedules.get(case.schedule, 0))
    pool = ThreadPoolExecutor(max_workers=2)
    futures = {
        "measure": started(pool, lambda framework: measure_command(framework, list(schedules.items()), folder)),
        "broken": started(pool, lambda framework: ["-m", "parity.broken", "--framework", framework]),
        "lockstep": started(pool, lambda framework: ["-m", "parity.lockstep.passes", "--framework", framework]),
    }
    pool.shutdown(wait=False)
    return futures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The README's table is compared with what this run measured, so it comes last."""
    items.sort(key=lambda item: item.name.startswith("test_readme_table"))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Exit with 4, the code of every command here for failed parity, where pytest has 1."""
    if exitstatus == pytest.ExitCode.TESTS_FAILED:
        session.exitstatus = 4


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    measured = config.stash[MEASURED]
    terminalreporter.section("lockstep")
    for line in config.stash[LOCKSTEP]:
        terminalreporter.write_line(line)
    terminalreporter.section("parity")
    if len(measured) < len(CASES) * len(FRAMEWORKS):
        terminalreporter.write_line(f"{len(measured)} of {len(CASES) * len(FRAMEWORKS)} comparisons were made")
    terminalreporter.write_line(closing_table(measured))
