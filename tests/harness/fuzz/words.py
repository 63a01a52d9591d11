"""Defines how the texts that parity reads are fuzzed: constructors, logs, the answers of a plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from parity.conformance.answers import read_bits, read_object, read_rates
from parity.conformance.process import AnswerError, shorten_value
from parity.explain.reading import SideOptions, read_side
from parity.mistakes.search.subject import Subject, UnreadableError
from parity.port import SOURCES, PortError, Reading, read_text
from tests.harness.fuzz.documents import build_file_reader, build_json_seeds, is_schedule
from tests.harness.fuzz.target import Target
from tests.harness.fuzz.trees import json_damaged

#: Bytes of memory for logs, which may have 64 MiB.
LOG_MEMORY = 192 << 20
CONSTRUCTORS = {
    "mxnet": ("CosineScheduler(20, base_lr=0.3, final_lr=0.1 / 10, warmup_steps=5)", "FactorScheduler(step=3)",
              "mx.lr_scheduler.MultiFactorScheduler([15, 30], factor=0.5, base_lr=0.5)", "PolyScheduler(20, pwr=2)"),
    "torch": ("OneCycleLR(optimizer, max_lr=0.1, epochs=10, steps_per_epoch=10)", "StepLR(optimizer, 3, gamma=0.5)",
              "SequentialLR(optimizer, [LinearLR(optimizer, 0.1), CosineAnnealingLR(optimizer, 20)], milestones=[5])"),
    "tensorflow": ("keras.optimizers.schedules.CosineDecay(0.1, 5 * 235)", "PiecewiseConstantDecay([3], [1.0, 0.5])"),
    "gluoncv": ("LRScheduler('step', 0.1, niters=90, step_iter=[30, 60])", "LRScheduler('cosine', 0.1, niters=100)"),
}
_LOG = b"epoch 1\nUpdate[16]: Change learning rate to 2.5e-01\nUpdate[95]: now learning rate arrived at 1.0e-08, will"
_LINES = b'{"t": 0, "lr": 0.1}\n{"t": 2, "lr": 0.05}\n{"t": 3, "lr": 0}\n'
CALLS = tuple(f"{source} {call}".encode() for source, calls in CONSTRUCTORS.items() for call in calls)


def _read_constructor(content: bytes, folder: Path) -> Callable[[], Reading]:
    text = content.decode("utf-8", "surrogateescape")  # as Python decodes arguments
    source, _, call = text.partition(" ")
    source = source if source in SOURCES else "torch"
    return lambda: read_text(call, source, lr=0.1 if source == "torch" else None)


def _read_optimizer(content: bytes, folder: Path) -> Callable[[], Reading]:
    text = content.decode("utf-8", "surrogateescape")
    return lambda: read_text("FactorScheduler(3)", "mxnet", optimizer=text)


def _is_reading(reading: Reading) -> None:
    is_schedule(reading.schedule)


def _is_subject(side: Subject) -> None:
    known = side.list_rates(100)[~np.isnan(side.list_rates(100))]
    assert (np.isfinite(known) & (known >= 0)).all(), known


def _read_answer(content: bytes, folder: Path) -> Callable[[], Any]:
    """Return a function that reads a line as parity/conformance/client.py does."""
    def reading() -> Any:
        answer = read_object(content.decode(errors="backslashreplace"))
        shorten_value(json.dumps(answer))
        values = answer.get("result", answer.get("bits"))
        if not isinstance(values, list):
            raise AnswerError("not an answer", shorten_value(values))
        if "bits" in answer:
            values = [read_bits(digits, update) for update, digits in enumerate(values)]
        return read_rates([[number] for number in values], 3)

    return reading


def _check_rates(values: np.ndarray) -> None:
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


def _read_side(path: Path) -> Subject:
    return read_side(str(path), SideOptions("a"))


TARGETS = (
    Target("constructor", CALLS, _read_constructor, (PortError,), _is_reading, parses=True),
    Target("optimizer", (b"Adam(learning_rate=0.001)", b"SGD(learning_rate=0.1, lr_scheduler=None)"),
           _read_optimizer, (PortError,), _is_reading, parses=True),
    Target("log-csv", (b"t,lr\n0,0.1\n1,0.05\n7,0\n", b"lr\n0.1\n0.2\n"), build_file_reader("a.csv", _read_side),
           (UnreadableError,),
           _is_subject, memory=LOG_MEMORY),
    Target("log-jsonl", (_LINES, b"0.1\n0.2\n0.3\n"), build_file_reader("a.jsonl", _read_side), (UnreadableError,),
           _is_subject,
           memory=LOG_MEMORY),
    Target("log-mxnet", (_LOG,), build_file_reader("a.log", _read_side), (UnreadableError,), _is_subject,
           memory=LOG_MEMORY),
    Target("answer", build_json_seeds({"id": 1, "result": [0.1, 0.2, 0]}, {"id": 1, "bits": ["3f800000"] * 3}),
           _read_answer,
           (AnswerError,), _check_rates, (json_damaged,) * 2),
)
