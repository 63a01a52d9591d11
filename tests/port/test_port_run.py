"""Tests that training scripts from a run file run as printed, with its rates and its optimizer."""

from __future__ import annotations

import contextlib
import io
import json

import jsonschema
import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import Constant, Cosine, CosineRestarts, Hold, MultiFactor, Warmup, lrs
from parity.port.scripts.run import Adam, Run, Sgd, read_run
from parity.port.scripts.skeletons import write_script
from parity.port.scripts.training import describe_result, find_traps, is_plain, measure_script

multi = MultiFactor(base_lr=0.5, factor=0.5, milestones=[2])
warm = Warmup(updates=5, then=Cosine(base_lr=0.1, final_lr=0.01, updates=30))
EXAMPLE = "parity/examples/run.toml"


def a_run(optimizer=None, schedule=warm, **more):
    """Return a run of 40 updates with changed fields."""
    return Run(**{"format": 1, "epochs": 4, "updates_per_epoch": 10, "schedule": schedule,
                  "optimizer": optimizer or Sgd(), **more})


def run_script(code):
    """Run a script in this process and return its output and its names."""
    names, printed = {"__name__": "__main__"}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "script.py", "exec"), names)
    return printed.getvalue(), names


def weights(names):
    """Return the 9 weights of a script's model."""
    model = names["model"]
    if "torch" in names:
        arrays = [weight.detach().numpy() for weight in model.parameters()]
    elif "mx" in names:
        arrays = [weight.data().asnumpy() for weight in model.collect_params().values()]
    else:
        arrays = model.get_weights()
    return np.concatenate([each.ravel() for each in arrays]).astype(np.float64)


def compute_weights(run, velocity=None, at=0):
    """Return the weights of the same training, computed in float64. at: 1 adds epsilon after the correction."""
    random = np.random.default_rng(0)
    features = random.standard_normal((256, 8), dtype="float32")
    labels = (features @ random.standard_normal((8, 1), dtype="float32")).astype(np.float64)[:, 0]
    features = np.hstack([features.astype(np.float64), np.ones((256, 1))])
    w, v, u, t, o = np.zeros(9), np.zeros(9), np.zeros(9), 0, run.optimizer
    for epoch in range(-(-run.total // run.updates_per_epoch)):
        for indices in np.random.default_rng(epoch).integers(256, size=(run.updates_per_epoch, 16)):
            if t == run.total:
                break
            rate, x = run.schedule.lr(t), features[indices]
            gradient = 2 * x.T @ (x @ w - labels[indices]) / 16 + o.weight_decay * w
            t += 1
            if isinstance(o, Adam):
                v, u = o.beta1 * v + (1 - o.beta1) * gradient, o.beta2 * u + (1 - o.beta2) * gradient**2
                root = np.sqrt(1 - o.beta2**t)
                w = w - rate * root / (1 - o.beta1**t) * v / (np.sqrt(u) + o.epsilon * root**at)
            elif (velocity or o.velocity) == "updates":
                v = o.momentum * v - rate * gradient
                w = w + (o.momentum * v - rate * gradient if o.nesterov else v)
            else:
                v = o.momentum * v + gradient
                w = w - rate * (gradient + o.momentum * v if o.nesterov else v)
    return w


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_rates_applied_to_the_weights_are_the_specified_ones(framework):
    """Plain SGD applies the specified rates to the weights."""
    run = a_run(Sgd(weight_decay=0.01), epochs=None, updates=43)
    script = measure_script(run, framework, run.total)
    assert (script.updates, script.first, script.failure) == (run.total, None, "")


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("optimizer", [
    Sgd(momentum=0.5, nesterov=True, velocity="updates", weight_decay=0.01), Adam(beta1=0.5)], ids=["nesterov", "adam"])
def test_the_rates_handed_to_other_rules_are_the_specified_ones(optimizer, framework):
    """Other optimizers receive the specified rates."""
    script = measure_script(a_run(optimizer), framework, 40)
    assert (script.first, script.failure) == (None, "")


WRONG = {
    "mxnet": [("max(num_update - 1, 0)", "num_update"), ("num_update - 1", "(num_update - 1) // 10")],
    "torch": [("optimizer.step()\n        scheduler.step()", "scheduler.step()\n        optimizer.step()"),
              ("        scheduler.step()", "        if t % 10 == 9: scheduler.step()")],
    "tensorflow": [("tf.cast(step, tf.int64)", "tf.cast(step, tf.int64) + 1"),
                   ("tf.cast(step, tf.int64)", "tf.cast(step, tf.int64) // 10")],
}


@pytest.mark.parametrize(("framework", "index"), [(framework, index) for framework in FRAMEWORKS for index in range(2)],
                         ids=lambda value: value if isinstance(value, str) else ("one_early", "per_epoch")[value])
def test_a_wrong_script_is_seen(framework, index):
    """A script with an error in its schedule is reported as wrong."""
    right, wrong = WRONG[framework][index]
    run = a_run(Sgd() if index == 0 else Sgd(momentum=0.5))  # observed in the weights, or in the rate
    code = write_script(run, framework)
    assert code.count(right) == 1
    script = measure_script(run, framework, 12, code.replace(right, wrong))
    assert script.first is not None, script
    assert "Run as printed, and WRONG: of the rates " in describe_result(run, script)


def test_a_script_that_fails_or_ends_early_is_reported():
    """A script that fails or makes too few updates is reported."""
    code = write_script(a_run(), "torch")
    assert measure_script(a_run(), "torch", 5, "1 / 0").failure == "ZeroDivisionError: division by zero"
    assert measure_script(a_run(), "torch", 41, code).failure == "it made 40 updates, not 41"
    short = code.replace("size=(UPDATES_PER_EPOCH, 16)", "size=(9, 16)")
    assert "each epoch must make UPDATES_PER_EPOCH updates" in measure_script(a_run(), "torch", 40, short).failure


RULES = {
    "plain": Sgd(), "decay": Sgd(weight_decay=0.3), "updates": Sgd(momentum=0.8, velocity="updates", weight_decay=0.1),
    "gradients": Sgd(momentum=0.8, velocity="gradients", weight_decay=0.1),
    "nesterov_updates": Sgd(momentum=0.8, velocity="updates", nesterov=True, weight_decay=0.1),
    "nesterov_gradients": Sgd(momentum=0.8, velocity="gradients", nesterov=True),
    "adam": Adam(beta1=0.8, beta2=0.9, epsilon=0.1, weight_decay=0.1)}


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("rule", RULES)
def test_the_same_run_trains_the_same_weights(rule, framework):
    """Each framework trains the weights that are computed in float64."""
    run = a_run(RULES[rule], epochs=None, updates=25)
    printed, names = run_script(write_script(run, framework))
    assert np.abs(weights(names) - compute_weights(run)).max() < 2e-5
    logged = [float(line.split("rate ")[1].split(",")[0]) for line in printed.splitlines()]
    assert [np.float32(rate) for rate in logged] == list(lrs(run.schedule, 25).astype(np.float32)[[9, 19, 24]])


def test_every_option_makes_a_difference_that_would_be_seen():
    """Each option of an optimizer changes the weights noticeably."""
    for rule, optimizer in RULES.items():
        right = compute_weights(a_run(optimizer, epochs=None, updates=25))
        for name, value in optimizer:
            if name not in ("kind", "velocity", "momentum") and value:
                other = {"weight_decay": 0.0, "nesterov": False, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}[name]
                changed = a_run(optimizer.model_copy(update={name: other}), epochs=None, updates=25)
                assert np.abs(compute_weights(changed) - right).max() > 1e-3, (rule, name)
        if isinstance(optimizer, Sgd) and optimizer.momentum:
            other = {"updates": "gradients", "gradients": "updates"}[optimizer.velocity]
            assert np.abs(compute_weights(a_run(optimizer, epochs=None, updates=25), other) - right).max() > 1e-3
    adam = a_run(RULES["adam"], epochs=None, updates=25)
    assert np.abs(compute_weights(adam, at=1) - compute_weights(adam)).max() > 1e-3  # epsilon where PyTorch adds it


@pytest.mark.parametrize(("framework", "velocity"), [*zip(FRAMEWORKS, ("updates", "gradients", "updates"))])
def test_without_velocity_a_comment_names_the_rule(framework, velocity):
    """Without `velocity` a script uses the framework's, with a comment."""
    code = write_script(a_run(Sgd(momentum=0.8)), framework)
    assert "'s velocity adds up " in code
    assert np.abs(weights(run_script(code)[1]) - compute_weights(a_run(Sgd(momentum=0.8)), velocity)).max() < 2e-5
    assert "'s velocity adds up " not in write_script(a_run(Sgd(momentum=0.8, velocity=velocity)), framework)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_script_is_short_and_runs_alone(framework, run, tmp_path, root):
    """A script has fewer than 80 lines and runs without this project."""
    code = write_script(read_run(root / EXAMPLE).model_copy(update={"epochs": 1}), framework)
    assert len(code.splitlines()) < 80
    (tmp_path / "script.py").write_text(code)
    result = run("script.py", cwd=tmp_path)
    assert result.stdout.startswith("epoch 1: rate 0.00995744672, loss "), result.stderr


def test_where_schedule_and_run_do_not_fit():
    """Traps report a schedule that is longer than the run, or ends in the first epoch."""
    assert find_traps(a_run()) == []
    assert find_traps(a_run(epochs=3)) == ["the run ends after 30 updates, the schedule changes until update 35"]
    assert find_traps(a_run(updates_per_epoch=235)) == [
        "the schedule ends after 35 updates, within the first epoch of 235: for a schedule per epoch use kind hold"]
    held, restarts = Hold(updates=10, of=multi), CosineRestarts(base_lr=0.3, updates=5, growth=2)
    assert not find_traps(a_run(schedule=restarts, epochs=2, updates_per_epoch=235))
    assert find_traps(a_run(schedule=held)) == find_traps(a_run(schedule=Constant(base_lr=0.1))) == []


def test_plain_is_what_has_no_velocity():
    """Only SGD without momentum is plain."""
    assert [*map(is_plain, map(a_run, (Sgd(weight_decay=0.1), Sgd(momentum=0.1), Adam())))] == [True, False, False]


def test_the_example_fits_its_json_schema(run, root):
    """The example fits the JSON Schema of runs, and a run with a mistake does not."""
    schema = json.loads(run("-m", "parity.port.scripts.run").stdout)
    jsonschema.validate(example := read_run(root / EXAMPLE).model_dump(mode="json", exclude_none=True), schema)
    with pytest.raises(jsonschema.ValidationError, match="less than the minimum of 1"):
        jsonschema.validate({**example, "epochs": 0}, schema)
