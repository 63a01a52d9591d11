"""Defines how the files of the specification and of parity are fuzzed: schedules, runs, vectors, reports."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from frameworks.observation import format_bits
from frameworks.schedule import Cosine, MultiFactor, Sequence, SpecificationError, Warmup, dumps, loads, lrs, read
from frameworks.schedule.fields import MAX_RATE
from parity.pages.report import write as report
from parity.pages.report.document import describe_differences, encode_runs
from parity.pages.report.read import DocumentError
from parity.pages.report.read import read as read_report
from parity.port.scripts.run import ADAPTER, Run, loads_run, read_run
from parity.port.scripts.skeletons import TARGETS as SCRIPTS
from parity.port.scripts.skeletons import write_script
from parity.vectors.check import check_document, find_differences
from parity.vectors.files import FOLDER, VectorError, read_ids
from parity.vectors.files import read as read_vectors
from tests.harness.fuzz.target import Target
from tests.harness.fuzz.trees import build_tree_damage, json_damaged

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


def build_file_reader(name: str, read: Callable[[Path], Any]) -> Callable[[bytes, Path], Callable[[], Any]]:
    """Return a function that writes a file and returns a function that reads it."""
    def reading(content: bytes, folder: Path) -> Callable[[], Any]:
        path = folder / name
        path.write_bytes(content)
        return partial(read, path)

    return reading


def is_schedule(schedule: Any) -> None:
    """Check that a schedule is the same when written and read again, and that its rates are valid."""
    for format in ("json", "toml"):
        assert loads(dumps(schedule, format), format) == schedule, f"another schedule when written as {format}"
    values = np.append(lrs(schedule, 64), schedule.lr(2**53))
    assert (np.isfinite(values) & (values >= 0) & (values <= MAX_RATE * 1.001)).all(), f"rates {values}"


def _is_run(run: Any) -> None:
    if not isinstance(run, Run):
        is_schedule(run)
        return
    is_schedule(run.schedule)
    assert ADAPTER.validate_python(run.model_dump(mode="json", exclude_none=True)) == run
    assert loads_run(tomli_w.dumps(run.model_dump(mode="json", exclude_none=True)), "toml") == run
    assert 1 <= run.total <= 2**53
    for name in SCRIPTS:
        ast.parse(write_script(run, name))


def _read_run(path: Path) -> Any:
    """Read a file as `python -m parity port` does."""
    return read_run(str(path)) or read(path)


def _reduce_vectors() -> dict[str, Any]:
    """Return the chapter's vectors, reduced to the first one."""
    document = json.loads((FOLDER / "chapter.json").read_text(encoding="utf-8"))
    return document | {"vectors": document["vectors"][:1]}


def _read_vectors(path: Path) -> Any:
    document = read_vectors(path)
    check_document(document, path.name)
    return document, find_differences(path.name, document, _reduce_vectors())


def _read_ids(content: bytes, folder: Path) -> Callable[[], Any]:
    return lambda: read_ids(content.decode("utf-8", "replace"))


def _report() -> dict[str, Any]:
    cases = []
    for number, schedule in enumerate(SCHEDULES[:2]):
        words = encode_runs([format_bits(rate) for rate in lrs(schedule, 9)])
        applied = {"bits": words, "built_in": ["A"], "edges": 0, "first_difference": None, "said": ""}
        cases.append({"name": f"case{number}", "schedule": schedule.model_dump(mode="json"), "updates": 9,
                      "specified": words, "applied": {"mxnet": applied, "torch": applied},
                      "natural": {"torch": {"spelling": "B(3)", "effect": "same", "bits": words}}})
    return {"format": 1, "command": "python -m parity report", "made": "2024-01-01T00:00:00Z", "cases": cases,
            "versions": {"mxnet": "1.9.1", "torch": "2.14.1"}}


def _is_report(document: dict[str, Any]) -> None:
    """Check that a report can be written, and that each script on its page ends once."""
    describe_differences(document)
    text = json.dumps(document, allow_nan=False)
    report.build_markdown(document).encode()
    assert report.build_page(text).encode().count(b"</script") == report.build_page("{}").count("</script")


def build_json_seeds(*documents: Any) -> tuple[bytes, ...]:
    """Return each document as the bytes of a JSON file."""
    return tuple(json.dumps(document).encode() for document in documents)


def _build_toml_seeds(*documents: Any) -> tuple[bytes, ...]:
    return tuple(tomli_w.dumps(document).encode() for document in documents)


def _build_targets() -> tuple[Target, ...]:
    schedules = [schedule.model_dump(mode="json", exclude_none=True) for schedule in SCHEDULES]
    toml, as_json = (build_tree_damage(tomllib.loads, tomli_w.dumps),), (json_damaged,) * 2
    refusals = (SpecificationError,)
    return (
        Target("specification-json", build_json_seeds(*schedules), build_file_reader("a.json", read), refusals,
               is_schedule, as_json),
        Target("specification-toml", _build_toml_seeds(*schedules), build_file_reader("a.toml", read), refusals,
               is_schedule, toml),
        Target("run-json", build_json_seeds(RUN, ADAM), build_file_reader("a.json", _read_run), refusals, _is_run,
               as_json),
        Target("run-toml", _build_toml_seeds(RUN, ADAM), build_file_reader("a.toml", _read_run), refusals, _is_run,
               toml),
        Target("vectors", build_json_seeds(_reduce_vectors()), build_file_reader("chapter.json", _read_vectors),
               (VectorError,), lambda _: None, as_json),
        Target("vector-ids", ((FOLDER / "ids.txt").read_bytes()[:200].rpartition(b"\n")[0],), _read_ids, (VectorError,),
               lambda ids: sorted(ids.values())),
        Target("report", build_json_seeds(_report()), build_file_reader("parity.json", read_report), (DocumentError,),
               _is_report, as_json),
    )


TARGETS = _build_targets()
