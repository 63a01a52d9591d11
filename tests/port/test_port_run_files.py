"""Tests run files: which ones are refused, with which message, and that nothing is run then."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from frameworks.schedule import SpecificationError
from parity.port.scripts.run import Adam, Run, Sgd, is_run, loads_run, read_run

EXAMPLE = "parity/examples/run.toml"
GOOD = {"format": 1, "epochs": 4, "updates_per_epoch": 10, "optimizer": {"kind": "sgd"},
        "schedule": {"kind": "constant", "base_lr": 0.1}}


def change_fields(**fields):
    """Return a valid run with changed fields, as JSON. None removes a field."""
    return json.dumps({name: value for name, value in {**GOOD, **fields}.items() if value is not None})


def change_sgd(**fields):
    """Return a valid run with changed fields of its SGD, as JSON."""
    return change_fields(optimizer={"kind": "sgd", **fields})


FIELDS = "format, epochs, updates, updates_per_epoch, optimizer, schedule"
REFUSED = {
    change_fields(format=2, wings=3, epochs=0): ["format: must be 1: a newer version of this project wrote it, got 2"],
    change_fields(format=0, epochs=0): ["format: must be 1, got 0"],
    change_fields(format=True): ["format: must be an integer, got true"],
    change_fields(format=None): ["format: missing; a run needs it"],
    change_fields(epochs=None): ["updates: missing; a run needs epochs or updates"],
    change_fields(updates=40): ["updates: must not be given with epochs: a run has one of the two, got 40"],
    change_fields(epochs=True, updates=3.0): ["epochs: must be an integer, got true",
                                              "updates: must be an integer, got 3.0"],
    change_fields(epochs=2**53, updates_per_epoch=2): ["updates_per_epoch: times epochs must be at most 2^53, got 2"],
    change_fields(updates_per_epoch=None, updates_per_epch=9): [
        "updates_per_epoch: missing; a run needs it",
        "updates_per_epch: unknown field; did you mean 'updates_per_epoch'?, got 9"],
    change_fields(**{"x y": 1}): [f'"x y": unknown field; must be one of {FIELDS}, got 1'],
    change_fields(schedule=3): ["schedule: must be a schedule: an object with a kind, got 3"],
    change_fields(schedule={"kind": "hold", "updates": 0, "of": {"kind": "cosin"}}, optimizer={"kind": "sgdd"}): [
        "optimizer.kind: unknown kind; did you mean 'sgd'?, got \"sgdd\"",
        "schedule.updates: must be at least 1, got 0",
        "schedule.of.kind: unknown kind; did you mean 'cosine'?, got \"cosin\""],
    change_fields(optimizer={}): ["optimizer.kind: missing; must be one of sgd, adam"],
    change_fields(optimizer=[]): ["optimizer: must be an optimizer: an object with a kind, got []"],
    change_fields(optimizer={"kind": "AdamW"}): [
        "optimizer.kind: 'AdamW' is refused: MXNet 1.9.1 has no such optimizer: the decay of its Adam is added to the "
        "gradient"],
    change_sgd(momentm=0.9, momentum=1, nesterov=1, velocity="rates", weight_decay=-1): [
        "optimizer.momentum: must be at most 0.99999, got 1", "optimizer.nesterov: must be true or false, got 1",
        "optimizer.velocity: must be 'updates' or 'gradients', got \"rates\"",
        "optimizer.weight_decay: must be at least 0, got -1",
        "optimizer.momentm: unknown field; did you mean 'momentum'?, got 0.9"],
    change_sgd(momentum=float("nan")): ["optimizer.momentum: must be finite, got nan"],
    change_sgd(momentum="0.9"): ['optimizer.momentum: must be a number, got "0.9"'],
    change_sgd(nesterov=True): ["optimizer.nesterov: needs a momentum above 0, got true"],
    change_sgd(velocity="updates"): ['optimizer.velocity: needs a momentum above 0, got "updates"'],
    change_fields(optimizer={"kind": "adam", "epsilon": 0, "beta2": 1.0}): [
        "optimizer.beta2: must be at most 0.99999, got 1.0", "optimizer.epsilon: must be at least 1e-37, got 0"],
    change_fields().replace('"epochs": 4', '"epochs": 4, "epochs": 4'): ["epochs: given more than once"],
    change_sgd().replace('"kind": "sgd"', '"kind": "sgd", "kind": "sgd"'): ["optimizer.kind: given more than once"],
    change_fields(**{"\ud800": 1}): ['must be text that UTF-8 can hold, got "\\ud800"'],
    change_sgd(**{"\ud800": 1}): ['optimizer: must be text that UTF-8 can hold, got "\\ud800"'],
}


@pytest.mark.parametrize("text", REFUSED)
def test_all_mistakes_are_reported_at_once(text):
    """All mistakes of a run file are reported at once."""
    with pytest.raises(SpecificationError) as caught:
        loads_run(text)
    assert caught.value.mistakes == [f"text: {line}" for line in REFUSED[text]]


def test_what_is_good_is_read_alike_from_both_formats(root):
    """A valid run is read from JSON and TOML."""
    assert loads_run(change_fields()) == Run.model_validate(GOOD)
    example = read_run(root / EXAMPLE)
    assert loads_run(example.model_dump_json(exclude_none=True)) == example
    assert (example.total, example.optimizer) == (7050, Sgd(momentum=0.9, velocity="gradients", weight_decay=5e-4))
    assert loads_run(change_fields(epochs=None, updates=33)).total == 33
    assert loads_run(change_fields(optimizer={"kind": "adam"})).optimizer == Adam()


def test_a_run_is_distinguished_from_a_specification():
    """A run is distinguished from a specification."""
    assert is_run(GOOD)
    assert is_run({"optimizer": 1})
    assert not is_run({"kind": "constant", "schedule": 1})
    assert not is_run({"updates": 1})
    assert not is_run([])
    assert loads_run('{"kind": "constant", "base_lr": 1}') is None


def test_mistakes_end_the_command_before_anything_runs(run, tmp_path):
    """Mistakes in a run file end the command with code 2 before a script is written."""
    (tmp_path / "run.json").write_text(change_fields(epochs=0, schedule={"kind": "constant"}))
    result = run("-m", "parity", "port", tmp_path / "run.json", "--to", "torch")
    begins = f"python -m parity port: {tmp_path}/run.json: "
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (f"{begins}epochs: must be at least 1, got 0\n"
                             f"{begins}schedule.base_lr: missing; a schedule of kind 'constant' needs it\n")


@pytest.mark.parametrize(("given", "message"), [
    (["--to", "optax"], "argument --to: no script is written for optax, only its schedule: give the [schedule] alone"),
    (["--to", "torch", "--lr", "0.1"], f"argument --lr: belongs to a constructor, {EXAMPLE} is a run"),
    (["--to", "torch", "--from", "mxnet"], f"argument --from: belongs to a constructor, {EXAMPLE} is a run")])
def test_options_that_a_run_refuses_are_named(given, message, run):
    """Options that a run file does not support are refused."""
    result = run("-m", "parity", "port", EXAMPLE, *given)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"python -m parity port: {message}\n")


def test_a_reader_of_the_json_schema_may_have_seen_enough(root):
    """A closed pipe ends `run-schema` with code 1 and no traceback."""
    command = f"{shlex.quote(sys.executable)} -m parity.port.scripts.run"
    result = subprocess.run(["bash", "-c", f"(sleep 3; {command}; echo $? >&2) | true"], cwd=root, capture_output=True,
                            text=True, check=False)
    assert result.stderr == "1\n"


def test_without_measuring_no_framework_is_imported(run):
    """--no-measure writes all scripts without importing a framework."""
    code = ("import sys; sys.modules.update(dict.fromkeys(['mxnet', 'torch', 'tensorflow', 'keras'])); "
            "from parity.__main__ import main; sys.exit(main(sys.argv[1:]))")
    result = run("-c", code, "port", EXAMPLE, "--to", "all", "--no-measure", "--json")
    document = json.loads(result.stdout)
    assert {name: script["compared"] for name, script in document["scripts"].items()} == {
        "mxnet": 0, "torch": 0, "tensorflow": 0}
    assert document["run"]["optimizer"]["velocity"] == "gradients"
    assert run("-c", code.replace("main(sys", "__import__('torch') or main(sys"), "port").returncode == 1


def test_what_was_seen_is_printed_above_a_script_that_runs(run):
    """The first line of the output reports the measurement, and the rest is the script."""
    result = run("-m", "parity", "port", EXAMPLE, "--to", "torch", "--updates", "300")
    first, rest = result.stdout.split("\n", 1)
    assert first == ("# torch: 7,050 updates, 235 an epoch. Run as printed: the rates that the optimizer received "
                     "are the specified ones, bit for bit, in the first 300 of its 7,050 updates.")
    assert (result.returncode, result.stderr) == (0, "")
    compile(rest, "script.py", "exec")
