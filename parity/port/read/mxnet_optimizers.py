"""Reads what an optimizer of MXNet changes in its scheduler: base_lr, and the count at the first update.

Source: mxnet 1.9.1, optimizer/optimizer.py and its optimizers.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Schedule, Shift
from parity.port.read.arguments import check_number, check_whole
from parity.port.read.hints import check_option
from parity.port.read.literal import Call, PortError

#: The default rates of optimizers that write them into their scheduler. The rate is their first argument.
DEFAULT_RATES = {"adam": 0.001, "adamax": 0.002, "lamb": 0.001, "nadam": 0.001, "rmsprop": 0.001, "signum": 0.01}
#: Optimizers that do not change the scheduler unless they are given a rate; ftrl never changes it.
SILENT = ("adagrad", "ccsgd", "dcasgd", "ftml", "ftrl", "groupadagrad", "lars", "nag", "sgd", "sgld")
#: The arguments of each optimizer, in its order; those after them are given by name.
_FIRST = {
    "adagrad": "eps", "adam": "learning_rate beta1 beta2 epsilon lazy_update", "adamax": "learning_rate beta1 beta2",
    "ccsgd": "momentum lazy_update", "dcasgd": "momentum lamda", "ftml": "beta1 beta2 epsilon",
    "ftrl": "lamda1 learning_rate beta", "groupadagrad": "eps",
    "lamb": "learning_rate beta1 beta2 epsilon lower_bound upper_bound bias_correction",
    "lars": "momentum lazy_update eta eps momentum_correction",
    "nadam": "learning_rate beta1 beta2 epsilon schedule_decay", "nag": "momentum",
    "rmsprop": "learning_rate gamma1 gamma2 epsilon centered clip_weights", "sgd": "momentum lazy_update", "sgld": "",
    "signum": "learning_rate momentum wd_lh"}
FIRST = {name: tuple(text.split()) for name, text in _FIRST.items()}
#: The arguments of every optimizer.
COMMON = ("rescale_grad", "param_idx2name", "wd", "clip_gradient", "learning_rate", "lr_scheduler", "sym",
          "begin_num_update", "multi_precision", "param_dict")


def read_options(optimizer: Call) -> dict[str, Any]:
    """Return the arguments of a call of an optimizer by name. Raises PortError for those that MXNet does not accept."""
    name = optimizer.name.lower()
    if name == "lbsgd":
        raise PortError("LBSGD gives its first parameter another rate than the others: it cannot be ported")
    if name == "adadelta":
        raise PortError("AdaDelta takes no learning rate: its scheduler has no effect")
    if name not in FIRST:
        known = ", ".join(sorted(FIRST))
        raise PortError(f"{optimizer.name} is not a supported optimizer of MXNet 1.9.1; supported: {known}")
    if optimizer.arguments and FIRST[name][:1] != ("learning_rate",):
        raise PortError(f"the first argument of {optimizer.name} is not its learning_rate, which must be given by "
                        f"name, got {optimizer.arguments[0]!r}")
    if len(optimizer.arguments) > len(FIRST[name]):
        raise PortError(f"{optimizer.name} has {len(FIRST[name])} arguments that can be given without a name, got "
                        f"{len(optimizer.arguments)}")
    given = dict(zip(FIRST[name], optimizer.arguments))
    for option, value in optimizer.keywords.items():
        if option == "learning_rate" and option in given:
            raise PortError(f"the first argument of {optimizer.name} is its learning_rate, which is given twice")
        if option in given:
            raise PortError(f"{optimizer.name}: {option} is given twice")
        check_option(optimizer.name, option, (*FIRST[name], *COMMON), "MXNet")
        given[option] = value
    return given


def find_written_rate(optimizer: Call | None) -> float | None:
    """Return the rate that an optimizer writes into its scheduler, None if it writes nothing. Raises PortError."""
    if optimizer is None:
        return None
    name, options = optimizer.name.lower(), read_options(optimizer)
    given = options.get("learning_rate", DEFAULT_RATES.get(name))
    if given is None or name == "ftrl":
        return None  # given None, it does not change the scheduler, whatever its default is
    return check_number("learning_rate", given)


def begin_at(optimizer: Call | None, schedule: Schedule) -> Schedule:
    """Return a schedule as an optimizer with begin_num_update applies it: its count begins there."""
    begin = 0 if optimizer is None else check_whole("begin_num_update",
                                                    read_options(optimizer).get("begin_num_update", 0))
    return Shift(by=begin, of=schedule) if begin else schedule


def note_base_lr(optimizer: Call | None, name: str, given: Any) -> list[str]:
    """Return a sentence about a base_lr that another line of the script may decide, or nothing.

    optimizer: the optimizer's call (default: None, not known). name: the scheduler's class. given: base_lr, None if it
    is not written in the constructor.
    """
    replaced = name in ("FactorScheduler", "MultiFactorScheduler")
    if given is None and optimizer is None:
        where = ("In most scripts the rate is the optimizer's learning_rate, which replaces it: give it with "
                 '--optimizer "SGD(learning_rate=...)".'
                 if replaced else "An optimizer's learning_rate does not replace it.")
        return [f"base_lr is not given: 0.01 is MXNet's default. {where}"]
    if replaced and given not in (None, 0.01) and find_written_rate(optimizer) is None:
        return ["MXNet up to 1.5 writes the optimizer's default rate, 0.01, over base_lr; 1.6 to 1.9 do so only if "
                "learning_rate is given."]
    return []
