"""The files of the specification and of parity: schedules, runs, vectors, reports, constructors, logs, answers."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from frameworks.observation import bits
from frameworks.schedule import Cosine, MultiFactor, Sequence, SpecificationError, Warmup, dumps, loads, lrs, read
from frameworks.schedule.fields import MAX_RATE
from parity.answers import from_bits, object_in, rates
from parity.explain.reading import Told, read_side
from parity.explain.subject import Subject, Unreadable
from parity.lines import Failed, shown
from parity.port import SOURCES, PortError, Reading, read_text
from parity.port.run import ADAPTER, Run, loads_run, read_run
from parity.port.skeletons import TARGETS as SCRIPTS
from parity.port.skeletons import skeleton
from parity.report import write as report
from parity.report.document import differing, runs
from parity.report.read import DocumentError
from parity.report.read import read as read_report
from parity.vectors.check import differences, valid
from parity.vectors.files import FOLDER, VectorError, given_ids
from parity.vectors.files import read as read_vectors
from reproduce.fuzz.target import Target
from reproduce.fuzz.trees import json_damaged, trees

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

SCHEDULES = (
    Cosine(base_lr=0.3, final_lr=0.01, updates=20),
    Warmup(updates=5, begin_lr=0.01, peak_lr=0.5, then=MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])),
    Sequence(parts=[Cosine(base_lr=0.3, updates=7), loads('{"kind": "hold", "updates": 3, "of": {"kind": "clamp", '
             '"min_lr": 0, "max_lr": 1, "of": {"kind": "factor", "base_lr": 1, "factor": 0.9}}}')], boundaries=[7]),
    loads('{"kind": "scale", "by": 2, "of": {"kind": "repeat", "updates": 9, "of": {"kind": "shift", "by": 1, "of": '
          '{"kind": "polynomial", "base_lr": 0.1, "updates": 30}}}}'),
)
RUN = {"format": 1, "epochs": 30, "updates_per_epoch": 235, "schedule": SCHEDULES[1].model_dump(exclude_none=True),
       "optimizer": {"kind": "sgd", "momentum": 0.9, "velocity": "gradients", "weight_decay": 5e-4}}
ADAM = {"format": 1, "updates": 99, "updates_per_epoch": 10, "schedule": SCHEDULES[0].model_dump(mode="json"),
        "optimizer": {"kind": "adam", "beta1": 0.9, "epsilon": 1e-7}}
#: Logs may be of 64 MiB, for which there is room from the beginning.
LOG_MEMORY = 192 << 20
CONSTRUCTORS = {
    "mxnet": ("CosineScheduler(20, base_lr=0.3, final_lr=0.1 / 10, warmup_steps=5)", "FactorScheduler(step=3)",
              "mx.lr_scheduler.MultiFactorScheduler([15, 30], factor=0.5, base_lr=0.5)", "PolyScheduler(20, pwr=2)"),
    "torch": ("OneCycleLR(optimizer, max_lr=0.1, epochs=10, steps_per_epoch=10)", "StepLR(optimizer, 3, gamma=0.5)",
              "SequentialLR(optimizer, [LinearLR(optimizer, 0.1), CosineAnnealingLR(optimizer, 20)], milestones=[5])"),
    "tensorflow": ("keras.optimizers.schedules.CosineDecay(0.1, 5 * 235)", "PiecewiseConstantDecay([3], [1.0, 0.5])"),
    "gluoncv": ("LRScheduler('step', 0.1, niters=90, step_iter=[30, 60])", "LRScheduler('cosine', 0.1, niters=100)"),
}


def in_file(name: str, read: Callable[[Path], Any]) -> Callable[[bytes, Path], Callable[[], Any]]:
    """Return what writes a file and then reads it."""
    def reading(content: bytes, folder: Path) -> Callable[[], Any]:
        path = folder / name
        path.write_bytes(content)
        return partial(read, path)

    return reading


def is_schedule(schedule: Any) -> None:
    """It is written and read again as it is, and its rates are rates."""
    for format in ("json", "toml"):
        assert loads(dumps(schedule, format), format) == schedule, f"another schedule when written as {format}"
    found = np.append(lrs(schedule, 64), schedule.lr(2**53))
    assert (np.isfinite(found) & (found >= 0) & (found <= MAX_RATE * 1.001)).all(), f"rates {found}"


def _is_run(found: Any) -> None:
    if not isinstance(found, Run):
        is_schedule(found)
        return
    is_schedule(found.schedule)
    assert ADAPTER.validate_python(found.model_dump(mode="json", exclude_none=True)) == found
    assert loads_run(tomli_w.dumps(found.model_dump(mode="json", exclude_none=True)), "toml") == found
    assert 1 <= found.total <= 2**53
    for name in SCRIPTS:
        ast.parse(skeleton(found, name))


def _read_run(path: Path) -> Any:
    """As `python -m parity port` does."""
    return read_run(str(path)) or read(path)


def _vectors() -> dict[str, Any]:
    """The chapter's, of which one is enough."""
    document = json.loads((FOLDER / "chapter.json").read_text(encoding="utf-8"))
    return document | {"vectors": document["vectors"][:1]}


def _read_vectors(path: Path) -> Any:
    document = read_vectors(path)
    valid(document, path.name)
    return document, differences(path.name, document, _vectors())


def _ids(content: bytes, folder: Path) -> Callable[[], Any]:
    return lambda: given_ids(content.decode("utf-8", "replace"))


def _report() -> dict[str, Any]:
    cases = []
    for number, schedule in enumerate(SCHEDULES[:2]):
        words = runs([bits(rate) for rate in lrs(schedule, 9)])
        applied = {"bits": words, "built_in": ["A"], "edges": 0, "first_difference": None, "said": ""}
        cases.append({"name": f"case{number}", "schedule": schedule.model_dump(mode="json"), "updates": 9,
                      "specified": words, "applied": {"mxnet": applied, "torch": applied},
                      "natural": {"torch": {"spelling": "B(3)", "effect": "same", "bits": words}}})
    return {"format": 1, "command": "python -m parity report", "made": "2024-01-01T00:00:00Z", "cases": cases,
            "versions": {"mxnet": "1.9.1", "torch": "2.14.1"}}


def _is_report(found: dict[str, Any]) -> None:
    """Everything that is made of it can be made, and its page has one end of each script."""
    differing(found)
    text = json.dumps(found, allow_nan=False)
    report.markdown(found).encode()
    assert report.page(text).encode().count(b"</script") == report.page("{}").count("</script")


def _read_constructor(content: bytes, folder: Path) -> Callable[[], list[Reading]]:
    text = content.decode("utf-8", "surrogateescape")  # as Python has arguments
    source, _, call = text.partition(" ")
    source = source if source in SOURCES else "torch"
    return lambda: read_text(call, source, lr=0.1 if source == "torch" else None)


def _read_optimizer(content: bytes, folder: Path) -> Callable[[], Reading]:
    text = content.decode("utf-8", "surrogateescape")
    return lambda: read_text("FactorScheduler(3)", "mxnet", optimizer=text)


def _is_reading(reading: Reading) -> None:
    is_schedule(reading.schedule)


def _is_subject(side: Subject) -> None:
    known = side.over(100)[~np.isnan(side.over(100))]
    assert (np.isfinite(known) & (known >= 0)).all(), known


def _read_answer(content: bytes, folder: Path) -> Callable[[], Any]:
    """As parity/plugin.py does with a line."""
    def reading() -> Any:
        answer = object_in(content.decode(errors="backslashreplace"))
        shown(json.dumps(answer))
        values = answer.get("result", answer.get("bits"))
        if not isinstance(values, list):
            raise Failed("not an answer", shown(values))
        if "bits" in answer:
            values = [from_bits(digits, update) for update, digits in enumerate(values)]
        return rates([[number] for number in values], 3)

    return reading


def _are_rates(found: np.ndarray) -> None:
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def _json(*documents: Any) -> tuple[bytes, ...]:
    return tuple(json.dumps(document).encode() for document in documents)


def _toml(*documents: Any) -> tuple[bytes, ...]:
    return tuple(tomli_w.dumps(document).encode() for document in documents)


_LOG = b"epoch 1\nUpdate[16]: Change learning rate to 2.5e-01\nUpdate[95]: now learning rate arrived at 1.0e-08, will"
_LINES = b'{"t": 0, "lr": 0.1}\n{"t": 2, "lr": 0.05}\n{"t": 3, "lr": 0}\n'


def _side(path: Path) -> Subject:
    return read_side(str(path), Told("a"))


def _made() -> tuple[Target, ...]:
    schedules = [schedule.model_dump(mode="json", exclude_none=True) for schedule in SCHEDULES]
    calls = tuple(f"{source} {call}".encode() for source, calls in CONSTRUCTORS.items() for call in calls)
    toml, as_json = (trees(tomllib.loads, tomli_w.dumps),), (json_damaged,) * 2
    told, no_side = (SpecificationError,), (Unreadable,)
    return (
        Target("specification-json", _json(*schedules), in_file("a.json", read), told, is_schedule, as_json),
        Target("specification-toml", _toml(*schedules), in_file("a.toml", read), told, is_schedule, toml),
        Target("run-json", _json(RUN, ADAM), in_file("a.json", _read_run), told, _is_run, as_json),
        Target("run-toml", _toml(RUN, ADAM), in_file("a.toml", _read_run), told, _is_run, toml),
        Target("vectors", _json(_vectors()), in_file("chapter.json", _read_vectors), (VectorError,), lambda _: None,
               as_json),
        Target("vector-ids", ((FOLDER / "ids.txt").read_bytes()[:200].rpartition(b"\n")[0],), _ids, (VectorError,),
               lambda found: sorted(found.values())),
        Target("report", _json(_report()), in_file("parity.json", read_report), (DocumentError,), _is_report, as_json),
        Target("constructor", calls, _read_constructor, (PortError,), _is_reading, parses=True),
        Target("optimizer", (b"Adam(learning_rate=0.001)", b"SGD(learning_rate=0.1, lr_scheduler=None)"),
               _read_optimizer, (PortError,), _is_reading, parses=True),
        Target("log-csv", (b"t,lr\n0,0.1\n1,0.05\n7,0\n", b"lr\n0.1\n0.2\n"), in_file("a.csv", _side), no_side,
               _is_subject, memory=LOG_MEMORY),
        Target("log-jsonl", (_LINES, b"0.1\n0.2\n0.3\n"), in_file("a.jsonl", _side), no_side, _is_subject,
               memory=LOG_MEMORY),
        Target("log-mxnet", (_LOG,), in_file("a.log", _side), no_side, _is_subject,
               memory=LOG_MEMORY),
        Target("answer", _json({"id": 1, "result": [0.1, 0.2, 0]}, {"id": 1, "bits": ["3f800000"] * 3}), _read_answer,
               (Failed,), _are_rates, as_json),
    )


TARGETS = _made()
