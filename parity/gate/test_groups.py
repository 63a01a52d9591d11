"""Parameter groups: every framework applies the specified rate, momentum and decay to every group."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from parity.cases.groups import CASES, PARAMETERS, RESUMED_AT, UPDATES
from parity.gate.groups import EXAMPLES
from parity.gate.groups_rules import compare
from parity.gate.test_parity import document
from parity.mistakes.groups import GROUPS, list_mistake_ids


def decode_weights(given):
    """Decode the weights of a document."""
    return np.frombuffer(bytes.fromhex(given), "<f4").reshape(UPDATES, len(PARAMETERS), 2 * UPDATES)


def list_values(groups, t, what):
    """Return the value of an update for each parameter: float32, shape (3,)."""
    group_of = {name: group for group, names in groups.assign_names(PARAMETERS).items() for name in names}
    values = getattr(groups, what)(t)
    return np.array([values[group_of[name]] for name in PARAMETERS], np.float32)


def extract_diagonal(after, first, later=0):
    """Return element `first + t` after update t, or `later` updates afterwards: shape (n, 3)."""
    return np.stack([after[t + later, :, first + t] for t in range(UPDATES - later)])


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", CASES)
def test_every_weight_is_what_the_groups_say(name, framework, runs):
    """Check each weight after each update against the rate, momentum and weight decay of its group."""
    after = decode_weights(document(runs, "groups", framework)["cases"][name])
    assert (difference := compare(CASES[name], framework, after)) is None, f"{framework}, {difference}"


@pytest.mark.parametrize("name", CASES)
def test_the_rates_of_all_groups_are_the_same_in_all_frameworks(name, runs):
    """Compare the rates of each update, measured as minus a weight that was 0 and had the gradient 1."""
    specified = np.stack([list_values(CASES[name], t, "rates") for t in range(UPDATES)])
    for framework in FRAMEWORKS:
        rates = -extract_diagonal(decode_weights(document(runs, "groups", framework)["cases"][name]), 0)
        assert (rates + 0).tobytes() == specified.tobytes(), framework


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", ["momenta", "momenta_from_zero", "momenta_through_zero"])
def test_the_momentum_of_every_update_is_in_the_weights(name, framework, runs):
    """Compare the momentum of each update: at a rate of 1, minus the weight one update after a gradient of 1."""
    specified = np.stack([list_values(CASES[name], t, "momenta") for t in range(1, UPDATES)])
    momenta = -extract_diagonal(decode_weights(document(runs, "groups", framework)["cases"][name]), 0, later=1)
    momenta[abs(momenta) < 2.0**-125] = 0  # Gluon's 0 is the smallest normal float32
    assert (momenta + 0).tobytes() == specified.tobytes()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_decay_of_every_update_is_in_the_weights(framework, runs):
    """Compare the weight decay of each update, measured from the weights, with the specified one."""
    groups = CASES["decays"]
    specified, rates = (np.stack([list_values(groups, t, what) for t in range(UPDATES)])
                        for what in ("weight_decays", "rates"))
    after = decode_weights(document(runs, "groups", framework)["cases"]["decays"])
    # Exact: between 1/2 and 1 is left, and the rates are 4 and 8.
    decays = (1 - extract_diagonal(after, UPDATES)) / rates
    assert decays.tobytes() == specified.tobytes()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_way_of_running_an_update(framework, runs):
    """Compare the weights of every way of running an update (eager, graph, XLA) with the specification."""
    results = document(runs, "groups", framework)["runs"]
    assert list(results) == (["graph", "xla", "eager"] if framework == "tensorflow" else ["eager"])
    assert {run: compare(CASES["everything"], framework, decode_weights(given)) for run, given in results.items()} == (
        dict.fromkeys(results))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_resumed_in_the_middle(framework, runs):
    """Check that a training that is saved, built again and loaded continues with the same weights and velocities."""
    after = decode_weights(document(runs, "groups", framework)["resumed"])
    assert (difference := compare(CASES["everything"], framework, after)) is None, difference
    lost = compare(CASES["everything"], framework,
                   decode_weights(document(runs, "groups", framework)["broken"]["not_loaded"]))
    assert lost is not None
    assert lost.update == RESUMED_AT


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_random_groups(framework, runs):
    """Check that random groups are applied, and that ignored multipliers are detected in them."""
    results = document(runs, "groups", framework)["random"]
    assert results["wrong"] is None
    assert results["examples"] == EXAMPLES
    assert results["outside"] <= EXAMPLES // 4
    assert document(runs, "groups", framework)["random_broken"]["wrong"] is not None


@pytest.mark.parametrize(
    ("framework", "name"), [(framework, name) for framework in FRAMEWORKS for name in list_mistake_ids(framework)])
def test_wrong_groups_are_rejected(framework, name, runs):
    """Check that the comparison rejects each mistake with parameter groups."""
    results = document(runs, "groups", framework)["broken"]
    assert set(results) == set(list_mistake_ids(framework))
    assert compare(CASES[GROUPS[name].where], framework,
                   decode_weights(results[name])) is not None, f"{name} was not noticed"
