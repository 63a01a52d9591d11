"""Runs the gate's measurements, each framework in a separate process, and prints its closing table."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from functools import partial

import pytest

from frameworks import FRAMEWORKS
from frameworks.arguments import parse_count
from frameworks.exit_codes import FAILED, USAGE
from frameworks.schedule import SpecificationError

try:
    from parity.cases import CASES
except SpecificationError as error:  # a mistake in a file of cases is printed without traceback
    print(error, file=sys.stderr)
    sys.exit(USAGE)
from parity.gate.laws.expected import Compared
from parity.gate.laws.run import PROFILES
from parity.gate.plan import Key, build_plan
from parity.gate.table import Measured, build_closing_table
from parity.measuring.processes import Processes, measure_command, start_measurements

collect_ignore = ["examples", "pages/guide/code"]  # they need other libraries; they train when they are imported


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the gate."""
    parser.addoption("--write-table", action="store_true", help="write parity/CASES.md and the tables of the READMEs")
    parser.addoption("--profile", choices=PROFILES, default="quick", help="how many random schedules (default: quick)")
    parser.addoption("--seed", type=parse_count,
                     help="seed of the random schedules (default: a new one, which is printed)")


def pytest_configure(config: pytest.Config) -> None:
    """Set up the records of this run."""
    config.stash[MEASURED] = {}
    config.stash[LOCKSTEP] = []
    config.stash[COMPARED] = {}
    config.stash[SEED] = config.option.seed or random.SystemRandom().randrange(1, 2**31)


#: The comparisons of this run: (case, framework) -> Measured.
MEASURED = pytest.StashKey[dict[tuple[str, str], Measured]]()
#: The commands of the workers: seconds, framework, module.
TIMES = pytest.StashKey[list[tuple[float, str, str]]]()
#: The results of the trainings in lockstep, a line each.
LOCKSTEP = pytest.StashKey[list[str]]()
#: The numbers of rates that this run has compared, for the plan.
COMPARED = pytest.StashKey[dict[Key, Compared]]()
#: The tests that have run to their end, passed or failed.
_RAN: set[str] = set()
#: The measurements of each framework, the slowest first: name, module, and the test modules that need it.
RUNS = (
    ("laws", "parity.gate.laws.run", ("test_laws",)),
    ("rejected", "parity.gate.laws.rejected", ("test_laws",)),
    ("measure", "parity.__main__", ("test_parity", "test_vectors")),
    ("broken", "parity.mistakes.schedules", ("test_mistakes", "test_tolerances")),
    ("lockstep", "parity.gate.training.passes", ("test_training",)),
    ("groups", "parity.gate.groups", ("test_groups",)),
    ("plateau", "parity.gate.plateau", ("test_plateau",)))
#: The seed of the random schedules.
SEED = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> dict[Key, Compared]:
    """Return the numbers of rates that this run has compared."""
    return request.config.stash[COMPARED]


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> str:
    """Return the name of the chosen profile."""
    return request.config.option.profile


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> dict[tuple[str, str], Measured]:
    """Return the comparisons of this run."""
    return request.config.stash[MEASURED]


@pytest.fixture(scope="session")
def lockstep(request: pytest.FixtureRequest) -> list[str]:
    """Return the lines about the trainings in lockstep."""
    return request.config.stash[LOCKSTEP]


@pytest.fixture(scope="session")
def runs(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, profile: str,
) -> Iterator[dict[str, dict[str, Future]]]:
    """Start the measurements that the chosen tests need, two at a time."""
    folder = tmp_path_factory.mktemp("specifications")
    schedules: dict = {}  # cases that share a schedule share the measurement
    for name in _list_cases(request.session):
        schedules[CASES[name].schedule] = max(CASES[name].updates, schedules.get(CASES[name].schedule, 0))
    modules = {item.path.stem for item in _list_functions(request.session)}
    given = {"laws": ["--profile", profile, "--seed", str(request.config.stash[SEED])]}

    def arguments(name: str, framework: str) -> list[str]:
        if name == "measure":
            return measure_command(framework, list(schedules.items()), folder)
        return ["--framework", framework, *given.get(name, ())]

    with Processes(2) as pool:
        request.config.stash[TIMES] = pool.times
        yield {name: start_measurements(pool, module, partial(arguments, name))
               for name, module, needed in RUNS if modules.intersection(needed)}


def _list_functions(session: pytest.Session) -> list[pytest.Function]:
    """Return the chosen tests, without doctests."""
    return [item for item in session.items if isinstance(item, pytest.Function)]


def _list_cases(session: pytest.Session) -> Iterable[str]:
    """Return the cases whose rates the chosen tests compare: all of them, if one test compares vectors."""
    tests = _list_functions(session)
    if any(item.path.stem == "test_vectors" for item in tests):
        return CASES
    chosen = {item.callspec.params["name"] for item in tests if item.name.startswith("test_applied_rates[")}
    return [name for name in CASES if name in chosen]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests of the plan and of the README's table to the end: they compare with this run."""
    items.sort(key=lambda item: item.name.startswith(("test_ledger", "test_readme_table")))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record that a test ran to its end."""
    if report.when == "call" and report.outcome != "skipped":
        _RAN.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Exit with 4, as every command does for failed parity, if a test failed or did not run."""
    if exitstatus == pytest.ExitCode.TESTS_FAILED or (exitstatus == pytest.ExitCode.OK and _list_not_run(session)):
        session.exitstatus = FAILED


def _list_not_run(session: pytest.Session) -> list[str]:
    return [] if session.config.option.collectonly else [
        item.nodeid for item in session.items if item.nodeid not in _RAN]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the tests that did not run, the seed, the times, and the closing table."""
    measured = config.stash[MEASURED]
    if terminalreporter._session is not None and not config.option.collectonly:
        for name in _list_not_run(terminalreporter._session):
            terminalreporter.write_line(f"collected but not run, so failed: {name}")
    done = sum(config.stash[COMPARED].values(), Compared())
    terminalreporter.section("laws")
    terminalreporter.write_line(
        f"seed {config.stash[SEED]}, profile {config.option.profile}; again: --seed {config.stash[SEED]}")
    plan = build_plan(config.option.profile)
    terminalreporter.write_line(
        f"{done.rates:,} of {sum(plan.values()):,} rates compared, {done.outside:,} outside the contract")
    terminalreporter.section("what takes the time, in two workers")
    for seconds, name, module in sorted(config.stash.get(TIMES, []), reverse=True):
        terminalreporter.write_line(f"{seconds:6.1f} s  {name:10}  {module}")
    terminalreporter.section("lockstep")
    for line in config.stash[LOCKSTEP]:
        terminalreporter.write_line(line)
    terminalreporter.section("parity")
    if len(measured) < len(CASES) * len(FRAMEWORKS):
        terminalreporter.write_line(f"{len(measured)} of {len(CASES) * len(FRAMEWORKS)} comparisons were made")
    terminalreporter.write_line(build_closing_table(measured))
