"""Checks that Keras on torch trains with exact rates, and that unsupported settings are reported in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from frameworks.schedule import Cosine, write
from parity.measuring.compare import compare
from parity.measuring.measure import read_applied_rates
from parity.measuring.processes import ROOT

COSINE = Cosine(base_lr=0.1, final_lr=0.01, updates=20)
NEEDS = "needs Keras' TensorFlow backend, got 'torch'; set KERAS_BACKEND=tensorflow\n"
OPTIMIZERS = {
    "sgd": "keras.optimizers.SGD(rate)",
    "adamw": "keras.optimizers.AdamW(rate, beta_1=0.0, beta_2=0.0, epsilon=0.0, weight_decay=0.0)",
}
#: Trains one weight with the gradient 1, once for each rate and optimizer, and prints the applied rates.
FIT = """
import json, keras, numpy
from frameworks.schedule import Cosine
from frameworks.tensorflow import build

class Watch(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.rates = []
    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(-float(self.model.get_weights()[0].item()))
        self.model.set_weights([numpy.zeros((1, 1), numpy.float32)])

def fit(optimizer):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer=optimizer, loss=lambda true, predicted: keras.ops.mean(predicted))
    data, watch = numpy.ones((50, 1), numpy.float32), Watch()
    model.fit(data, data, batch_size=1, verbose=0, callbacks=[watch])
    return watch.rates

rates = {"backend": keras.backend.backend()}
for name, rate in (("specified", build(Cosine(base_lr=0.1, final_lr=0.01, updates=20))),
                   ("built-in", keras.optimizers.schedules.CosineDecay(0.1, 20, alpha=0.1))):
""" + "".join(f"    rates[name + {name!r}] = fit({code})\n" for name, code in OPTIMIZERS.items()) + """
print(json.dumps(rates))
"""
#: Calls that need Keras' TensorFlow backend, by the name in their message.
CALLS = {
    "build_groups": "build_groups(ParameterGroups(schedule=c, groups=[]), None)",
    "observe_plateau": "observe_plateau(ReduceOnPlateau(base_lr=0.1, factor=0.5, patience=1), [1.0])",
    "demonstrate_set_rate": "demonstrate_set_rate(0.1)",
    "LeNet": "build_printed_lenet(0, 'cpu')",
    "train": "next(train(None, c, (None, None), (None, None), [], 'cpu'))",
}
CALL = """
import frameworks
from frameworks.tensorflow import *
from frameworks.schedule import *
from frameworks.schedule.groups import ParameterGroups
from frameworks.tensorflow import build_printed_lenet

c = Constant(base_lr=0.1)
""" + "".join(f"try:\n    {call}\nexcept frameworks.FrameworkUnsupportedError as error:\n    print(error)\n"
              for call in CALLS.values())


@pytest.fixture
def specification(tmp_path):
    """Return a file with the cosine."""
    write(COSINE, tmp_path / "cosine.json")
    return tmp_path / "cosine.json"


@pytest.fixture
def measure(run, specification):
    """Return a function that runs `parity measure` with environment variables."""
    command = ["-m", "parity", "measure", "--framework", "tensorflow", "--updates", 50, specification]
    return lambda **settings: run(*command, env=_build_environment(**settings))


def _build_environment(**settings):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_", "TF_USE_LEGACY"))}
    return kept | {name: str(value) for name, value in settings.items()}


def _write_settings(folder, text):
    (folder / "keras.json").write_text(text)
    return {"KERAS_HOME": folder}


def _install(folder, package, version):
    """Make a folder in which importlib.metadata finds another version of a package first; return its setting."""
    (folder / f"{package.replace('-', '_')}-{version}.dist-info").mkdir()
    text = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    (folder / f"{package.replace('-', '_')}-{version}.dist-info" / "METADATA").write_text(text)
    return {"PYTHONPATH": folder}


@pytest.fixture(scope="module")
def fits():
    """Return the rates that Keras on torch applied."""
    process = subprocess.run([sys.executable, "-c", FIT], env=_build_environment(KERAS_BACKEND="torch"), cwd=ROOT,
                             capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout.splitlines()[-1])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("rate", "exact"), [("specified", True), ("built-in", False)])
def test_fit_on_torch_applies_the_specified_rates(rate, exact, optimizer, fits):
    """The built-in class shows that the comparison can fail: it computes in float32."""
    assert fits["backend"] == "torch"
    rates = np.array(fits[rate + optimizer], np.float32)
    assert rates.shape == (50,)
    assert (compare(COSINE, rates[:, None]).first is None) == exact


@pytest.mark.parametrize("how", ["variable", "file"])
def test_measure_works_on_torch(how, measure, tmp_path):
    """Both settings of the backend lead to exact rates."""
    settings = {"KERAS_BACKEND": "torch"} if how == "variable" else _write_settings(tmp_path, '{"backend": "torch"}')
    result = measure(**settings)
    assert result.returncode == 0, result.stderr
    (seen,) = json.loads(result.stdout)["specifications"]
    applied = read_applied_rates(seen)
    assert compare(COSINE, applied).first is None
    assert (np.array(seen["reported"], np.float32) == applied[:, 0]).all()
    assert seen["built_in"] == []  # on TensorFlow: CosineDecay


def test_measure_on_tensorflow_uses_the_built_in_class(measure):
    """The counterpart of all rejections: the same command, with no setting."""
    result = measure()
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["specifications"][0]["built_in"] == ["CosineDecay"]


@pytest.mark.parametrize("command", [
    ["parity.mistakes.schedules"], ["parity.gate.groups"], ["parity.gate.laws.run"], ["parity.gate.laws.rejected"],
    ["parity.gate.training.passes"], ["parity.pages.report.spellings"], ["tests.harness.roundtrip"],
    ["reproduce.manual"], ["reproduce.cosine", "--epochs", "1"]])
def test_other_commands_refuse_torch_in_one_line(command, run, tmp_path):
    """They exit with 2 and one line on stderr."""
    out = ["--out", tmp_path / "out"] if command[0] == "reproduce.cosine" else []
    result = run("-m", *command, "--framework", "tensorflow", *out, env=_build_environment(KERAS_BACKEND="torch"))
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"this command {NEEDS}")


def test_calls_that_need_tensorflow_refuse_torch(run):
    """Each raises FrameworkUnsupportedError with its name."""
    result = run("-c", CALL, env=_build_environment(KERAS_BACKEND="torch"))
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [f"{name} {NEEDS}".strip() for name in CALLS]


@pytest.mark.parametrize(("settings", "message"), [
    ({"KERAS_BACKEND": "nonsense"}, "KERAS_BACKEND must be one of tensorflow, jax, torch, got 'nonsense'"),
    ({"KERAS_BACKEND": "jax"}, "KERAS_BACKEND is 'jax', but jax is not installed; pip install jax"),
    ({"TF_USE_LEGACY_KERAS": "1"}, "TF_USE_LEGACY_KERAS is set, but tf-keras is not installed; pip install tf-keras")])
def test_a_setting_that_cannot_be_used_is_named(settings, message, measure):
    """The message names the environment variable."""
    result = measure(**settings)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{message}\n")


@pytest.mark.parametrize(("text", "message"), [
    ('{"backend": "theano"}', "backend in {} must be one of tensorflow, jax, torch, got 'theano'"),
    ('{"backend": "jax"}', "backend in {} is 'jax', but jax is not installed; pip install jax"),
    ("{", "{} cannot be read: it is not JSON"),
    ("[1]", "{} must contain a JSON object, got [1]"),
    ('{"floatx": "int8"}', "Keras does not accept its settings: Invalid `floatx` configuration. Expected one of "),
    (None, "{} cannot be read: is a directory")])
def test_a_file_of_settings_that_cannot_be_used_is_named(text, message, measure, tmp_path):
    """The message names the file."""
    _write_settings(tmp_path, text) if text else (tmp_path / "keras.json").mkdir()
    result = measure(KERAS_HOME=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(message.replace("{}", str(tmp_path / "keras.json")))
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("package", "version", "settings"), [
    ("keras", "2.9.0", {}), ("keras", "4.0.1", {}), ("tf-keras", "2.9.1", {"TF_USE_LEGACY_KERAS": "1"})])
def test_another_keras_is_named_with_the_supported_versions(package, version, settings, measure, tmp_path):
    """The message names the version and the supported ones."""
    result = measure(**_install(tmp_path, package, version), **settings)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"Keras must be 2.10 or later, below 4, got {package} {version}\n"


def test_other_commands_refuse_keras_2_in_one_line(run, tmp_path):
    """They exit with 2 and one line on stderr."""
    environment = _build_environment(**_install(tmp_path, "keras", "2.15.0"))
    result = run("-m", "parity.mistakes.schedules", "--framework", "tensorflow", env=environment)
    assert (result.returncode, result.stderr) == (2, "this command needs Keras 3, got keras 2.15.0\n")
