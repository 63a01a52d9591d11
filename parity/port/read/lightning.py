"""Reads what configure_optimizers of a LightningModule returns: a scheduler of torch, alone or in its dict.

With automatic optimization, Lightning steps it after every `frequency` epochs, or updates with interval="step".
Source: pytorch-lightning 2.6, core/optimizer.py, utilities/types.py and loops/training_epoch_loop.py.
"""

from __future__ import annotations

import re
from typing import Any

from frameworks.schedule import Hold, Schedule
from parity.port.read.arguments import Context, check_one_of, check_whole
from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, PortError, parse_expression, shorten_text

CONFIGS = ("(", "{")
REFUSED = {"ReduceLROnPlateau": "its rates depend on the metric `monitor`: port the constructor with --from torch"}
#: The class name of a scheduler with its settings.
CONFIG = "lr_scheduler_config"


def read_config(text: str, scope: Scope) -> Call:
    """Return a constructor, its dict, or all that configure_optimizers returns, as a call of `read_scheduler`."""
    value = scope.evaluate(parse_expression(text, "value"))
    if isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[0], list):
        value = value[1]  # ([optimizer], [scheduler])
    elif isinstance(value, dict) and "lr_scheduler" in value:
        value = value["lr_scheduler"]
    if isinstance(value, list | tuple):
        if len(value) != 1:
            raise PortError(f"port each scheduler of a list alone, got {len(value)} of them")
        [value] = value
    if isinstance(value, dict) and "scheduler" in value:
        return build_config(value)
    if isinstance(value, Call):
        return build_config({"scheduler": value})
    raise PortError('must be a scheduler of torch, or a dict such as {"scheduler": StepLR(optimizer, 30), "interval": '
                    f'"epoch"}}, got {shorten_text(text)!r}')


def build_config(settings: dict[str, Any]) -> Call:
    """Return the dict of a scheduler as a call of `read_scheduler`."""
    return Call(CONFIG, keywords=settings)


def read_scheduler(c: Context, scheduler: Any, name: Any = None, interval: Any = "epoch", frequency: Any = 1,
                   reduce_on_plateau: Any = False, monitor: Any = None, strict: Any = True, **others: Any) -> Schedule:
    """Read a scheduler of torch, each of whose rates is held for the updates between two steps."""
    from parity.port.read import SOURCES, read_call

    if not isinstance(scheduler, Call):
        raise PortError(f"scheduler must be its constructor, written out, got {scheduler!r}")
    if scheduler.name in REFUSED:
        raise PortError(f"{scheduler.name} cannot be ported: {REFUSED[scheduler.name]}")
    if reduce_on_plateau:
        raise PortError(f"reduce_on_plateau must be False, got {reduce_on_plateau!r}: the scheduler would be stepped "
                        "after each validation")
    unit = check_one_of("interval", interval, ("step", "epoch"))
    updates = check_whole("frequency", frequency, 1) * (c.need_epochs() if unit == "epoch" else 1)
    _check_frequency(c, unit, updates)
    source = "transformers" if scheduler.name in SOURCES["transformers"].READERS else "torch"
    reading = read_call(scheduler, source, lr=c.lr)
    if unit == "epoch":
        c.traps.append('Lightning steps once per epoch unless "interval" is "step": the numbers of the constructor '
                       "count epochs.")
    c.traps.extend(f'Lightning ignores the key "{other}", with a warning.' for other in others)
    if monitor is not None:
        c.traps.append(f"monitor has no effect on the rates of {scheduler.name}.")
    word = "update" if updates == 1 else "epoch" if frequency == 1 else "step"
    c.traps.extend(re.sub(r"\bupdate(s?)\b", rf"{word}\1", trap) for trap in reading.traps)
    if reading.followed is not None:
        c.followed.append(reading.followed * updates)
    return Hold(updates=updates, of=reading.schedule) if updates > 1 else reading.schedule


def _check_frequency(c: Context, unit: str, updates: int) -> None:
    """Raise PortError for a frequency in updates that the number of updates in an epoch does not allow."""
    if unit == "epoch" or updates == 1:
        return
    if c.need_epochs() % updates:
        raise PortError(f"frequency must divide the {c.need_epochs()} updates of an epoch, got {updates}: Lightning "
                        "counts them from the start of each epoch")
    c.traps.append("Lightning counts frequency in batches, from the start of each epoch; with accumulate_grad_batches "
                   "batches are not updates.")


READERS = {CONFIG: read_scheduler}
