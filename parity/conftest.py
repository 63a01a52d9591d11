"""The gate's measurements (each framework in a process of its own) and its closing table."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from functools import partial

import pytest

from frameworks import FRAMEWORKS
from frameworks.arguments import count
from frameworks.exit_codes import FAILED, USAGE
from frameworks.schedule import SpecificationError

try:
    from parity.cases import CASES
except SpecificationError as error:  # a mistake in a file of cases needs no traceback
    print(error, file=sys.stderr)
    sys.exit(USAGE)
from parity.gate.laws.expected import Compared
from parity.gate.laws.run import PROFILES
from parity.gate.plan import Key, planned
from parity.gate.table import Measured, closing_table
from parity.measuring.processes import Processes, measure_command, started

collect_ignore = ["examples"]  # they need libraries of their own


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-table", action="store_true", help="write parity/CASES.md and the tables of the READMEs")
    parser.addoption("--profile", choices=PROFILES, default="quick", help="how many random schedules (default: quick)")
    parser.addoption("--seed", type=count, help="of the random schedules (default: another each time, printed)")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MEASURED] = {}
    config.stash[LOCKSTEP] = []
    config.stash[LEDGER] = {}
    config.stash[SEED] = config.option.seed or random.SystemRandom().randrange(1, 2**31)


#: What the tests of this run have compared: (case, framework) -> Measured.
MEASURED = pytest.StashKey[dict[tuple[str, str], Measured]]()
#: What the workers have run, and how long it took.
TIMES = pytest.StashKey[list[tuple[float, str, str]]]()
#: What the lockstep has found, a line each.
LOCKSTEP = pytest.StashKey[list[str]]()
#: What the tests of this run have compared, for the ledger.
LEDGER = pytest.StashKey[dict[Key, Compared]]()
#: The tests that have run to their end, passed or failed.
_RAN: set[str] = set()
#: What is run in each framework, the slowest first: its name, the module, and the test modules that need it.
RUNS = (
    ("laws", "parity.gate.laws.run", ("test_laws",)),
    ("rejected", "parity.gate.laws.rejected", ("test_laws",)),
    ("measure", "parity.__main__", ("test_parity", "test_vectors")),
    ("broken", "parity.mistakes.schedules", ("test_mistakes", "test_tolerances")),
    ("lockstep", "parity.gate.training.passes", ("test_training",)),
    ("groups", "parity.gate.groups", ("test_groups",)),
    ("plateau", "parity.gate.plateau", ("test_plateau",)))
#: Of the random schedules.
SEED = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> dict[Key, Compared]:
    return request.config.stash[LEDGER]


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> str:
    return request.config.option.profile


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> dict[tuple[str, str], Measured]:
    return request.config.stash[MEASURED]


@pytest.fixture(scope="session")
def lockstep(request: pytest.FixtureRequest) -> list[str]:
    return request.config.stash[LOCKSTEP]


@pytest.fixture(scope="session")
def runs(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, profile: str,
) -> Iterator[dict[str, dict[str, Future]]]:
    """Start what the chosen tests need, two at a time."""
    folder = tmp_path_factory.mktemp("specifications")
    schedules: dict = {}  # cases that share a schedule share the measurement
    for name in _cases_needed(request.session):
        schedules[CASES[name].schedule] = max(CASES[name].updates, schedules.get(CASES[name].schedule, 0))
    modules = {item.path.stem for item in _functions(request.session)}
    given = {"laws": ["--profile", profile, "--seed", str(request.config.stash[SEED])]}

    def arguments(name: str, framework: str) -> list[str]:
        if name == "measure":
            return measure_command(framework, list(schedules.items()), folder)
        return ["--framework", framework, *given.get(name, ())]

    with Processes(2) as pool:
        request.config.stash[TIMES] = pool.times
        yield {name: started(pool, module, partial(arguments, name))
               for name, module, needed in RUNS if modules.intersection(needed)}


def _functions(session: pytest.Session) -> list[pytest.Function]:
    """The chosen tests but for doctests."""
    return [item for item in session.items if isinstance(item, pytest.Function)]


def _cases_needed(session: pytest.Session) -> Iterable[str]:
    """The cases whose rates are compared by the chosen tests; all of them, if a vector is."""
    tests = _functions(session)
    if any(item.path.stem == "test_vectors" for item in tests):
        return CASES
    chosen = {item.callspec.params["name"] for item in tests if item.name.startswith("test_applied_rates[")}
    return [name for name in CASES if name in chosen]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The ledger and the README's table are compared with what this run did, so they come last."""
    items.sort(key=lambda item: item.name.startswith(("test_ledger", "test_readme_table")))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.outcome != "skipped":
        _RAN.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Exit with 4, the code of every command here for failed parity, where pytest has 1 or a test has not run."""
    if exitstatus == pytest.ExitCode.TESTS_FAILED or (exitstatus == pytest.ExitCode.OK and _not_run(session)):
        session.exitstatus = FAILED


def _not_run(session: pytest.Session) -> list[str]:
    return [] if session.config.option.collectonly else [
        item.nodeid for item in session.items if item.nodeid not in _RAN]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    measured = config.stash[MEASURED]
    if terminalreporter._session is not None and not config.option.collectonly:
        for name in _not_run(terminalreporter._session):
            terminalreporter.write_line(f"collected but not run, so failed: {name}")
    done = sum(config.stash[LEDGER].values(), Compared())
    terminalreporter.section("laws")
    terminalreporter.write_line(
        f"seed {config.stash[SEED]}, profile {config.option.profile}; again: --seed {config.stash[SEED]}")
    plan = planned(config.option.profile)
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
    terminalreporter.write_line(closing_table(measured))
