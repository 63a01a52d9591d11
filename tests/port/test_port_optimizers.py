"""Tests optimizers: MXNet's write their rate into a scheduler, and schedulers multiply the rate of torch's."""

from __future__ import annotations

import inspect

import pytest

from frameworks.schedule import lrs
from parity.port import PortError, read_text
from parity.port.read import mxnet_optimizers, torch_optimizers
from tests.harness.roundtrip.constructors import Constructor
from tests.harness.roundtrip.trips import check_class

TEXT = "FactorScheduler(3, 0.5, base_lr=0.5)"


def read_refusal(text, source, **options):
    """Return the message with which a text is refused."""
    with pytest.raises(PortError) as caught:
        read_text(text, source, **options)
    return str(caught.value)


def read(optimizer):
    """Return the first rate that is read of TEXT with an optimizer."""
    return read_text(TEXT, "mxnet", optimizer=optimizer).schedule.lr(0)


def compute_written_rate(name, *given, **named):
    """Return the rate that an MXNet optimizer leaves in a scheduler of 0.5."""
    import mxnet as mx

    scheduler = mx.lr_scheduler.FactorScheduler(3, 0.5, base_lr=0.5)
    mx.optimizer.Optimizer.opt_registry[name](*given, lr_scheduler=scheduler, **named)
    return scheduler.base_lr


@pytest.mark.parametrize("name", [*mxnet_optimizers.DEFAULT_RATES, *mxnet_optimizers.SILENT])
def test_every_optimizer_of_mxnet_writes_the_rate_that_is_read(name):
    """For each MXNet optimizer the read rate equals the rate that it writes."""
    assert read(f"{name}()") == compute_written_rate(name)
    assert read(f"{name}(learning_rate=0.25)") == compute_written_rate(name, learning_rate=0.25)
    assert read(f"{name}(learning_rate=None)") == compute_written_rate(name, learning_rate=None) == 0.5


@pytest.mark.parametrize("name", mxnet_optimizers.DEFAULT_RATES)
def test_the_first_argument_is_the_rate_where_it_is_with_mxnet(name):
    """The first argument is read as the rate for optimizers whose first argument is the rate."""
    assert read(f"{name}(0.25)") == compute_written_rate(name, 0.25) == 0.25
    assert read(f"{name}(None)") == compute_written_rate(name, None) == 0.5
    with pytest.raises(TypeError, match="multiple values for argument 'learning_rate'"):
        compute_written_rate(name, 0.25, learning_rate=0.25)
    assert read_refusal(TEXT, "mxnet", optimizer=f"{name}(0.25, learning_rate=0.25)") == (
        f"FactorScheduler: the first argument of {name} is its learning_rate, which is given twice")


@pytest.mark.parametrize("name", mxnet_optimizers.SILENT)
def test_the_first_argument_is_something_else_with_the_others(name):
    """A positional argument is refused for optimizers whose first argument is not the rate."""
    if name != "sgld":  # it has no other argument
        assert compute_written_rate(name, 0.25) == 0.5
    assert read_refusal(TEXT, "mxnet", optimizer=f"{name}(0.25)") == (
        f"FactorScheduler: the first argument of {name} is not its learning_rate, which must be given by name, got "
        "0.25")


def test_all_optimizers_of_mxnet_are_known():
    """Each optimizer that MXNet registers is listed."""
    import mxnet as mx

    assert {*mx.optimizer.Optimizer.opt_registry} - {"test", "adadelta", "lbsgd"} == {
        *mxnet_optimizers.DEFAULT_RATES, *mxnet_optimizers.SILENT}


def test_all_optimizers_of_torch_are_known_and_take_the_rate_second():
    """Each optimizer of torch is listed with its default rate, and has the rate as second argument."""
    from torch import optim

    second = {name: [*inspect.signature(kind).parameters.values()][1] for name, kind in vars(optim).items()
              if inspect.isclass(kind) and kind is not optim.Optimizer}
    assert {name: parameter.default for name, parameter in second.items()} == torch_optimizers.DEFAULT_RATES
    assert {parameter.name for parameter in second.values()} == {"lr"}


@pytest.mark.parametrize(("optimizer", "rate"), [
    ("torch.optim.SGD(model.parameters(), lr=0.1)", 0.1), ("SGD(model.parameters(), 0.1, momentum=0.9)", 0.1),
    ("AdamW(model.parameters())", 0.001), ("Own(model.parameters(), lr=0.2)", 0.2)])
def test_an_optimizer_that_is_written_out_has_its_rate(optimizer, rate):
    """The rate of an optimizer in the text is read, and --lr must equal it."""
    assert read_text(f"StepLR({optimizer}, 30)", "torch").schedule.base_lr == rate
    assert read_text(f"StepLR({optimizer}, 30)", "torch", lr=rate).schedule.base_lr == rate
    name = optimizer.partition("(")[0].rpartition(".")[2]
    assert read_refusal(f"StepLR({optimizer}, 30)", "torch", lr=0.3) == (
        f"StepLR: {name} is made with the rate {rate:g}, but --lr is 0.3")


@pytest.mark.parametrize(("optimizer", "message"), [
    ("SGD(model.parameters(), lr=args.lr)", "StepLR needs the value of args.lr: give each with --set, such as --set "
     "args.lr=VALUE"),
    ("Own(model.parameters(), 0.9)", "StepLR: the rate that the optimizer was made with is needed: --lr")])
def test_a_rate_that_does_not_stand_there_is_needed(optimizer, message):
    """A rate that the text does not contain must be given, with --set or --lr."""
    assert read_refusal(f"StepLR({optimizer}, 30)", "torch") == message
    assert read_text(f"StepLR({optimizer}, 30)", "torch", lr=0.3).schedule.base_lr == 0.3


def test_the_rate_that_torchs_optimizer_was_made_with_is_what_is_applied():
    """torch applies the rate that is read from the optimizer in the text."""
    import torch

    model = torch.nn.Linear(1, 1)
    text = "StepLR(SGD(model.parameters(), lr=0.1), 3)"
    names = {"model": model, "StepLR": torch.optim.lr_scheduler.StepLR, "SGD": torch.optim.SGD}
    scheduler, applied = eval(text, names), []
    for _ in range(9):
        applied.append(scheduler.get_last_lr()[0])
        scheduler.optimizer.step()
        scheduler.step()
    assert lrs(read_text(text, "torch").schedule, 9).tolist() == pytest.approx(applied, rel=1e-12)


@pytest.mark.parametrize("text", [
    "StepLR(30, 10)", "CosineAnnealingLR(100, 10)", "CyclicLR(0.1, 0.5, 7)", "OneCycleLR(0.1, 20, 50)",
    "StepLR('optimizer', 3)", "MultiStepLR([15, 30], 0.1)", "StepLR(None, 3)", "SequentialLR(3, [StepLR(o, 3)], [])",
    "ChainedScheduler([StepLR(o, 3)], 3)"])
def test_a_forgotten_optimizer_is_noticed(text):
    """A constructor of torch without its optimizer is refused."""
    assert ": optimizer must be the optimizer, or a name such as optimizer, got " in read_refusal(text, "torch", lr=0.1)


@pytest.mark.parametrize("text", [
    "SequentialLR(SGD(p, 0.1), [StepLR(SGD(p, 0.1), 3), StepLR(SGD(p, 0.1), 3)], [5])",
    "SequentialLR(optimizer, [StepLR(optimizer, 3), StepLR(SGD(p, 0.1), 3)], [5])",
    "ChainedScheduler([ConstantLR(optimizer=SGD(p, 0.1)), StepLR(SGD(p, 0.1), 3)])"])
def test_several_schedulers_have_one_optimizer(text):
    """Schedulers with different optimizers are refused, as torch does."""
    import torch

    schedulers = torch.optim.lr_scheduler
    names = {"p": [torch.nn.Parameter(torch.zeros(1))], "SGD": torch.optim.SGD, **vars(schedulers)}
    with pytest.raises(ValueError, match=r"same optimizer|belong to the same"):
        eval(text, names | {"optimizer": torch.optim.SGD(names["p"], 0.1)})
    assert "all schedulers must have the same optimizer: give it a name" in read_refusal(text, "torch", lr=0.1)


@pytest.mark.parametrize("source", ["mxnet", "gluoncv", "tensorflow"])
def test_lr_is_only_for_torch(source, run):
    """--lr is refused for all libraries except torch."""
    text = {"mxnet": TEXT, "gluoncv": "LRScheduler('linear', niters=9)", "tensorflow": "CosineDecay(0.1, 9)"}[source]
    result = run("-m", "parity", "port", text, "--from", source, "--lr", "0.2", "--to", "torch", "--no-measure")
    hint = '; for MXNet, give --optimizer "SGD(learning_rate=...)"'
    assert (result.returncode, result.stdout, result.stderr) == (
        2, "", "python -m parity port: --lr is for torch, whose schedulers multiply the rate of their optimizer, not "
        f"for {source}{hint if source != 'tensorflow' else ''}\n")


@pytest.mark.parametrize(("option", "value"), [
    ("--lr", "0.2"), ("--from", "torch"), ("--optimizer", "SGD(learning_rate=0.1)")])
def test_a_specification_takes_nothing_that_is_for_a_constructor(option, value, run, tmp_path):
    """Options of a constructor are refused with a specification."""
    path = tmp_path / "my (1).json"  # brackets do not make it a constructor
    path.write_text('{"kind": "constant", "base_lr": 0.1}')
    assert run("-m", "parity", "port", path, "--to", "torch", "--no-measure").returncode == 0
    result = run("-m", "parity", "port", path, option, value, "--to", "torch", "--no-measure")
    assert (result.returncode, result.stdout, result.stderr) == (
        2, "", f"python -m parity port: argument {option}: belongs to a constructor, {path} is a specification\n")


@pytest.mark.parametrize("optimizer", ["SGD(learning_rate=0.1)", "Ftrl(learning_rate=0.1)", "Adam(learning_rate=None)"])
def test_what_an_optimizer_writes_is_applied(optimizer):
    """MXNet applies the rates that are read with an optimizer."""
    assert check_class(Constructor("mxnet", TEXT, optimizer=optimizer)).rates > 20
