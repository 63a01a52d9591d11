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
from parity.measuring.classes_used import called
from parity.measuring.compare import compare
from parity.measuring.margin import EDGE
from parity.measuring.measure import tiny_updates
from parity.vectors.check import stale
from parity.vectors.files import FOLDER

#: Longer cases are cut here; later updates test nothing new.
UPDATES = 1500
#: Examples of each law; of the law that compiles for seconds; of every law if each schedule becomes a graph.
EXAMPLES, COMPILED, IN_GRAPHS = 15, 3, 5
SEED = 1
#: The names of the tests of a backend if they differ from its name; for Keras also tests of graphs and of XLA.
NAMED = {"mxnet": "mxnet or gluon",
         "tensorflow": "tensorflow or keras_own or name_that or float64 or it_is_run or every_ or polynomial_ or many"}

SPECIFICATION = ["frameworks/schedule", *(f"tests/test_{name}.py" for name in (
    "schedule_values", "horizons", "rounds", "specification_files", "schedule_laws", "group_files", "named",
    "constructors", "plateau", "plateau_files"))]
#: Selects those of these tests that import no framework.
ALONE = " and ".join(f"not {name}" for name in (
    "mxnet", "torch", "tensorflow", "keras", "three_ports", "logarithm", "libraries", "it_is_no_schedule"))
#: The tests of a back end without its schedules.
OTHER = [f"tests/test_{name}.py" for name in (
    "networks", "manual", "plateau", "plateau_input", "plateau_native", "groups_networks", "groups_natively",
    "training", "final_weights", "backends")]


def unnoticed(target: str) -> bool:
    """Return whether all checks of a target ("schedule", "torch", "torch-other") pass on the current files."""
    if target == "schedule":
        return _vectors() and _passes(*SPECIFICATION, "-k", ALONE) and stale(FOLDER) == []
    quiet()
    tiny_updates()
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        if target.endswith("-other"):
            name = target.removesuffix("-other")
            return (_plateau(name) and _groups(name) and _laws(name)
                    and _passes(*OTHER, "-k", f"{NAMED.get(name, name)} or all_frameworks or three_ports"))
        return (_cases(target) and _laws(target)
                and _passes("tests/test_backends.py", "tests/test_graphs.py", "tests/test_mirrors.py", "-k",
                            NAMED.get(target, target)))


def _vectors() -> bool:
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


def _passes(*arguments: str) -> bool:
    code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *arguments])
    return code == pytest.ExitCode.OK


def _cases(framework: str) -> bool:
    ported = backend(framework)
    for case in sorted(CASES.values(), key=lambda case: case.updates):
        with called(framework) as built_in:
            seen = ported.observe(case.schedule, min(case.updates, UPDATES))
        comparison = compare(case.schedule, seen.applied)
        reported = seen.reported.astype(np.float32)
        if (comparison.first is not None or comparison.edges or (reported != seen.applied[:, 0]).any()
                or sorted(built_in) != case.built_in.get(framework, [])):
            return False
    return True


def _laws(framework: str) -> bool:
    import dataclasses

    from parity.gate.laws.run import LAWS, tried
    from parity.gate.laws.subject import Here, Subject

    subject = Subject.of(framework)
    subject = dataclasses.replace(subject, elsewhere=Here(subject.watched))
    examples = IN_GRAPHS if framework == "tensorflow" else EXAMPLES
    return all(tried(law, subject, COMPILED if law == "runs" else examples, SEED, shrink=False)["broken"] is None
               for law in LAWS)


def _plateau(framework: str) -> bool:
    """Return whether every case of reduce on plateau is right, uninterrupted and resumed after every metric."""
    from parity.gate.plateau import CASES as PLATEAU
    from parity.gate.plateau import _observed
    from parity.gate.test_plateau import specified

    ported = backend(framework)
    return all(_observed(ported, case, **how) == specified(case.plateau, case.metrics) for case in PLATEAU.values()
               for how in ({}, {"resume_at": range(len(case.metrics) + 1)}))


def _groups(framework: str) -> bool:
    """Return whether parameter groups are right: all cases, all ways of running an update, resumed, some at random."""
    from parity.cases.groups import CASES as GROUPED
    from parity.gate.groups import document
    from parity.gate.groups_rules import compare as differs

    results, everything = document(framework, EXAMPLES), GROUPED["everything"]
    weights = [*((GROUPED[name], item) for name, item in results["cases"].items()),
               *((everything, item) for item in (*results["runs"].values(), results["resumed"]))]
    return results["random"]["wrong"] is None and all(
        differs(groups, framework, item) is None for groups, item in weights)
