"""Reads one side of a comparison: a specification, a constructor or a log."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from frameworks.schedule import SpecificationError, read
from frameworks.whole_files import describe_error
from parity.conformance.process import clean_text
from parity.explain.logs import is_event_file, read_log, recognize_json
from parity.explain.logs.rates import LogOptions
from parity.mistakes.search.subject import Subject, UnreadableError
from parity.port import SOURCES, PortError, read_text
from parity.port.read import MULTIPLYING

SUFFIXES = (".json", ".toml", ".csv", ".jsonl", ".log", ".txt")


@dataclass(frozen=True)
class SideOptions:
    """The options of one side; None: not given.

    side: "a" or "b".
    source: the library of a constructor.
    lr: the rate that the torch optimizer is built with.
    optimizer: the call that builds the MXNet optimizer.
    total: for constructors that use the length of the training.
    format: of a log.
    log: the options of a log, of which updates_per_epoch is also for constructors.
    """

    side: str
    source: str | None = None
    lr: float | None = None
    optimizer: str | None = None
    total: int | None = None
    format: str | None = None
    log: LogOptions = field(default_factory=LogOptions)


def read_side(text: str, options: SideOptions) -> Subject:
    """Read a specification, a constructor or a log. Raises UnreadableError, in one sentence."""
    name, path = clean_text(text), Path(text)
    suffix = path.suffix.lower()
    is_log = options.format is not None or is_event_file(path)
    if "(" in text and suffix not in SUFFIXES and not is_log:
        return _read_constructor(name, text, options)
    for option, value in (("from", options.source), ("lr", options.lr), ("optimizer", options.optimizer)):
        if value is not None:
            raise UnreadableError(f"{name}: --{option}-{options.side} is for a constructor, "
                                  "such as 'CosineScheduler(20)'")
    if suffix not in (".log", ".txt") and options.log.base_lr is not None:
        raise UnreadableError(f"{name}: --base-lr-{options.side} is for a training log, .log or .txt")
    if suffix not in SUFFIXES and not is_log:
        raise UnreadableError(f"{name}: must end in one of {', '.join(SUFFIXES)}, or be a constructor such as "
                              "'CosineScheduler(20)'")
    try:
        if suffix == ".toml" or (suffix == ".json" and not is_log and not (path.is_file() and recognize_json(path))):
            return Subject(name, schedule=read(text))
        return read_log(name, path, options.format, options.log)
    except SpecificationError as error:
        raise UnreadableError("; ".join(error.mistakes)) from None
    except (OSError, UnreadableError) as error:
        raise UnreadableError(f"{name}: {describe_error(error)}") from None


def _read_constructor(name: str, text: str, options: SideOptions) -> Subject:
    if options.source is None:
        raise UnreadableError(f"{name}: a constructor needs --from-{options.side}: {', '.join(list(SOURCES)[:-1])} or "
                              f"{list(SOURCES)[-1]}")
    if options.log.base_lr is not None:
        raise UnreadableError(f"{name}: --base-lr-{options.side} is for a training log, .log or .txt")
    if options.lr is not None and options.source not in MULTIPLYING:
        raise UnreadableError(f"{name}: --lr-{options.side} is for torch, whose optimizers are made with a rate")
    try:
        reading = read_text(text, options.source, lr=options.lr, optimizer=options.optimizer,
                            updates_per_epoch=options.log.updates_per_epoch, total=options.total)
    except PortError as error:
        message = re.sub(r"--(lr|optimizer)\b", rf"--\1-{options.side}", str(error))
        raise UnreadableError(clean_text(message)) from None
    return Subject(name, schedule=reading.schedule, followed=reading.followed, notes=tuple(reading.traps))
