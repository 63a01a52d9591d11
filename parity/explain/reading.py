"""Reads one side of a comparison: a specification, a constructor, a table or a training log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from frameworks.schedule import SpecificationError, read
from frameworks.whole_files import describe_error
from parity.conformance.process import clean_text
from parity.explain.tables import read_csv, read_json_lines
from parity.explain.training_log import read_training_log
from parity.mistakes.search.subject import Subject, UnreadableError
from parity.port import SOURCES, PortError, read_text
from parity.port.read import MULTIPLYING

#: A log of a million updates, in JSON with long keys, is about half of this.
MAX_BYTES = 64 << 20
SUFFIXES = (".json", ".toml", ".csv", ".jsonl", ".log", ".txt")


@dataclass(frozen=True)
class SideOptions:
    """The options of one side; None: not given.

    side: "a" or "b".
    source: the library of a constructor.
    lr: the rate that the torch optimizer is built with.
    optimizer: the call that builds the MXNet optimizer.
    base_lr: the rate before the first line of a training log.
    updates_per_epoch, total: for constructors that count epochs, or use the length of the training.
    """

    side: str
    source: str | None = None
    lr: float | None = None
    optimizer: str | None = None
    base_lr: float | None = None
    updates_per_epoch: int | None = None
    total: int | None = None


def read_side(text: str, options: SideOptions) -> Subject:
    """Read a specification, a constructor, a table or a training log. Raises UnreadableError, in one sentence."""
    name, suffix = clean_text(text), Path(text).suffix.lower()
    if "(" in text and suffix not in SUFFIXES:
        return _read_constructor(name, text, options)
    for option, value in (("from", options.source), ("lr", options.lr), ("optimizer", options.optimizer)):
        if value is not None:
            raise UnreadableError(f"{name}: --{option}-{options.side} is for a constructor, "
                                  "such as 'CosineScheduler(20)'")
    if suffix not in (".log", ".txt") and options.base_lr is not None:
        raise UnreadableError(f"{name}: --base-lr-{options.side} is for a training log, .log or .txt")
    if suffix in (".json", ".toml"):
        try:
            return Subject(name, schedule=read(text))
        except SpecificationError as error:
            raise UnreadableError("; ".join(error.mistakes)) from None
    if suffix not in SUFFIXES:
        raise UnreadableError(f"{name}: must end in one of {', '.join(SUFFIXES)}, or be a constructor such as "
                              "'CosineScheduler(20)'")
    try:
        content = _read_content(Path(text))
        if suffix == ".csv":
            return read_csv(name, content)
        if suffix == ".jsonl":
            return read_json_lines(name, content)
        return read_training_log(name, content, options.base_lr)
    except (OSError, UnreadableError) as error:
        raise UnreadableError(f"{name}: {describe_error(error)}") from None


def _read_constructor(name: str, text: str, options: SideOptions) -> Subject:
    if options.source is None:
        raise UnreadableError(f"{name}: a constructor needs --from-{options.side}: {', '.join(list(SOURCES)[:-1])} or "
                              f"{list(SOURCES)[-1]}")
    if options.base_lr is not None:
        raise UnreadableError(f"{name}: --base-lr-{options.side} is for a training log, .log or .txt")
    if options.lr is not None and options.source not in MULTIPLYING:
        raise UnreadableError(f"{name}: --lr-{options.side} is for torch, whose optimizers are made with a rate")
    try:
        reading = read_text(text, options.source, lr=options.lr, optimizer=options.optimizer,
                            updates_per_epoch=options.updates_per_epoch, total=options.total)
    except PortError as error:
        message = re.sub(r"--(lr|optimizer)\b", rf"--\1-{options.side}", str(error))
        raise UnreadableError(clean_text(message)) from None
    return Subject(name, schedule=reading.schedule, followed=reading.followed, notes=tuple(reading.traps))


def _read_content(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise UnreadableError("not a regular file")  # a pipe might never end
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnreadableError(f"larger than {MAX_BYTES >> 20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"not UTF-8 (byte {error.start})") from None
