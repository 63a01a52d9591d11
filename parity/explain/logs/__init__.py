"""Reads logs of rates as tools write them: one file for each writer, and a table of formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from parity.explain.logs.gluoncv import BATCH, read_gluoncv
from parity.explain.logs.huggingface import read_huggingface
from parity.explain.logs.keras import is_keras, read_keras
from parity.explain.logs.lightning import is_lightning, read_lightning
from parity.explain.logs.megatron import ITERATION, read_megatron
from parity.explain.logs.mmengine import read_mmengine
from parity.explain.logs.mxnet import CHANGE, read_mxnet
from parity.explain.logs.rates import LogOptions, iterate_lines
from parity.explain.logs.tables import open_csv, read_csv, read_json_lines
from parity.explain.logs.tensorboard import read_tensorboard
from parity.explain.logs.wandb import is_wandb, read_wandb
from parity.mistakes.search.subject import Subject, UnreadableError

#: The readers of text files, by the name that --format has; `tensorboard` reads its own files.
FORMATS: dict[str, Callable[[str, TextIO, LogOptions], Subject]] = {
    "csv": read_csv, "jsonl": read_json_lines, "huggingface": read_huggingface, "wandb": read_wandb,
    "lightning": read_lightning, "keras": read_keras, "mmengine": read_mmengine, "megatron": read_megatron,
    "gluoncv": read_gluoncv, "mxnet": read_mxnet,
}
NAMES = (*FORMATS, "tensorboard")
#: Bytes of a log; it is read in pieces, so this is not the memory that is needed.
MAX_BYTES = 4 << 30
#: The number of characters that show what wrote a JSON file.
HEAD = 1 << 20
_TABLES = (("wandb", is_wandb), ("lightning", is_lightning), ("keras", is_keras))
_LINES = {"mxnet": CHANGE, "gluoncv": BATCH, "megatron": ITERATION}


def is_event_file(path: Path) -> bool:
    """Return whether the name is one of TensorBoard's event files."""
    return "tfevents" in path.name


def recognize_json(path: Path) -> str | None:
    """Return the format of a JSON file that is a log, or None if it is a specification."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.read(HEAD)
    if '"log_history"' in head:
        return "huggingface"
    first, _, second = head.lstrip().partition("\n")
    is_lines = first.rstrip().endswith("}") and (second.lstrip().startswith("{") or '"step"' in first)
    return "mmengine" if is_lines and '"kind"' not in first else None


def read_log(name: str, path: Path, chosen: str | None, options: LogOptions) -> Subject:
    """Read a log. Raises UnreadableError or OSError.

    name: of the log.
    path: its file.
    chosen: the format; None: recognised from the name, the header or the lines.
    options: what the user states.
    """
    if path.exists() and not path.is_file():
        raise UnreadableError("not a regular file")  # a pipe might never end
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableError(f"larger than {MAX_BYTES >> 20} MiB")
    if chosen == "tensorboard" or (chosen is None and is_event_file(path)):
        return read_tensorboard(name, path, options)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            chosen = chosen or _recognize(path, file)
            file.seek(0)
            return FORMATS[chosen](name, file, options)
        except UnicodeDecodeError as error:
            where = f" (byte {error.start})" if path.stat().st_size <= len(error.object) + 3 else ""
            raise UnreadableError(f"not UTF-8{where}") from None


def _recognize(path: Path, file: TextIO) -> str:
    suffix = path.suffix.lower()
    if suffix == ".csv":
        header, _ = open_csv(file)
        return next((name for name, is_writer in _TABLES if is_writer(header)), "csv")
    if suffix == ".jsonl":
        return "jsonl"
    if suffix == ".json":
        return recognize_json(path) or "jsonl"
    writers = {name for _, line in iterate_lines(file) for name, pattern in _LINES.items() if pattern.search(line)}
    if len(writers) > 1:
        raise UnreadableError(f"has lines of {' and '.join(sorted(writers))}: state one of them with --format")
    return writers.pop() if writers else "mxnet"
