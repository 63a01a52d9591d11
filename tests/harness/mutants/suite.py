"""Runs the checks that must notice a mutant, all in one process, the fastest first."""

from __future__ import annotations

import contextlib
import io
import json
import warnings

import numpy as np
import pytest

from frameworks import backend, quiet
from frameworks.schedule import lrs
from frameworks.schedule.union import ADAPTER
from parity.cases import CASES, GROUPS
from parity.measuring.classes_used import collect_classes
from parity.measuring.compare import compare
from parity.measuring.margin import EDGE
from parity.measuring.measure import disable_mxnet_threads
from parity.vectors.check import find_stale
from parity.vectors.files import FOLDER

#: Longer cases are cut here; later updates test nothing new.
UPDATES = 1500
#: Examples of each law; of the law that compiles for seconds; of every law if each schedule becomes a graph.
EXAMPLES, COMPILED, IN_GRAPHS = 15, 3, 5
SEED = 1
#: The names of the tests of a backend if they differ from its name; for Keras also tests of graphs and of XLA.
NAMED = {"mxnet": "mxnet or gluon",
         "tensorflow": "tensorflow or keras_own or name_that or float64 or it_is_run or every_ or polynomial_ or many"}

SPECIFICATION = ["frameworks/schedule", *(f"tests/schedule/test_{name}.py" for name in (
    "schedule_values", "horizons", "rounds", "specification_files", "schedule_laws", "named", "constructors",
    "annealing", "combinations")),
                 "tests/groups/test_group_files.py", "tests/plateau/test_plateau.py",
                 "tests/plateau/test_plateau_files.py"]
#: Selects those of these tests that import no framework.
ALONE = " and ".join(f"not {name}" for name in (
    "mxnet", "torch", "tensorflow", "keras", "three_ports", "logarithm", "libraries", "it_is_no_schedule"))
#: The tests of a back end without its schedules.
OTHER = [f"tests/{name}.py" for name in (
    "reproduce/test_networks", "reproduce/test_manual", "plateau/test_plateau", "plateau/test_plateau_input",
    "plateau/test_plateau_native", "groups/test_groups_networks", "groups/test_groups_natively",
    "reproduce/test_training", "reproduce/test_final_weights", "backends/test_backends")]


def is_unnoticed(target: str) -> bool:
    """Return whether all checks of a target ("schedule", "torch", "torch-other") pass on the current files."""
    if target == "schedule":
        return _check_vectors() and _run_tests(*SPECIFICATION, "-k", ALONE) and find_stale(FOLDER) == []
    quiet()
    disable_mxnet_threads()
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        if target.endswith("-other"):
            name = target.removesuffix("-other")
            return (_check_plateau(name) and _check_groups(name) and _check_laws(name)
                    and _run_tests(*OTHER, "-k", f"{NAMED.get(name, name)} or all_frameworks or three_ports"))
        return (_check_cases(target) and _check_laws(target)
                and _run_tests(*(f"tests/backends/test_{name}.py" for name in ("backends", "graphs", "mirrors")),
                               "-k", NAMED.get(target, target)))


def _check_vectors() -> bool:
    """Return whether the rates of the first updates are those of the vectors, a fast check."""
    for group in GROUPS:
        for vector in json.loads((FOLDER / f"{group}.json").read_text(encoding="utf-8"))["vectors"]:
            schedule = ADAPTER.validate_python(vector["schedule"])
            expected = np.array(vector["lr"])
            one_by_one = np.array([schedule.lr(t) for t in range(len(expected))])
            if (np.abs(lrs(schedule, len(expected)) - expected) > EDGE * expected.max()).any() or (
                    np.abs(one_by_one - expected) > EDGE * expected.max()).any():
                return False
    return True


def _run_tests(*arguments: str) -> bool:
    code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *arguments])
    return code == pytest.ExitCode.OK


def _check_cases(framework: str) -> bool:
    ported = backend(framework)
    for case in sorted(CASES.values(), key=lambda case: case.updates):
        with collect_classes(framework) as built_in:
            seen = ported.observe(case.schedule, min(case.updates, UPDATES))
        comparison = compare(case.schedule, seen.applied)
        reported = seen.reported.astype(np.float32)
        if (comparison.first is not None or comparison.edges or (reported != seen.applied[:, 0]).any()
                or sorted(built_in) != case.built_in.get(framework, [])):
            return False
    return True


def _check_laws(framework: str) -> bool:
    import dataclasses

    from parity.gate.laws.run import LAWS, try_law
    from parity.gate.laws.subject import Here, Subject

    subject = Subject.from_framework(framework)
    subject = dataclasses.replace(subject, elsewhere=Here(subject.watched))
    examples = IN_GRAPHS if framework == "tensorflow" else EXAMPLES
    return all(try_law(law, subject, COMPILED if law == "runs" else examples, SEED, shrink=False)["broken"] is None
               for law in LAWS)


def _check_plateau(framework: str) -> bool:
    """Return whether every case of reduce on plateau is right, uninterrupted and resumed after every metric."""
    from parity.gate.plateau import CASES as PLATEAU
    from parity.gate.plateau import _observe_bits
    from parity.gate.test_plateau import compute_specified_bits

    ported = backend(framework)
    return all(_observe_bits(ported, case, **how) == compute_specified_bits(case.plateau, case.metrics)
               for case in PLATEAU.values()
               for how in ({}, {"resume_at": range(len(case.metrics) + 1)}))


def _check_groups(framework: str) -> bool:
    """Return whether parameter groups are right: all cases, all ways of running an update, resumed, some at random."""
    from parity.cases.groups import CASES as GROUPED
    from parity.gate.groups import document
    from parity.gate.groups_rules import compare as differs

    results, everything = document(framework, EXAMPLES), GROUPED["everything"]
    weights = [*((GROUPED[name], item) for name, item in results["cases"].items()),
               *((everything, item) for item in (*results["runs"].values(), results["resumed"]))]
    return results["random"]["wrong"] is None and all(
        differs(groups, framework, item) is None for groups, item in weights)
