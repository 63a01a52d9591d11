"""Tests the guide's index of classes, which is complete and made from data, the record of optax, and kinds' fields."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise

import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import KINDS
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.guide import classes, docstrings, optax_record, pages
from parity.pages.guide.classes import LISTED, find_kinds, list_classes
from parity.pages.guide.examples import EXAMPLES
from parity.pages.guide.kinds import find_built_in, find_class, write_spellings
from parity.port import SOURCES

BY_NAME = {library.name: library for library in LIBRARIES}


def test_every_class_has_one_line():
    text = (pages.FOLDER / "PORTING.md").read_text()
    for name in LISTED:
        part = text.split(f"\n### {BY_NAME[name].title}\n")[1].split("\n##")[0]
        classes_of = list(dict.fromkeys(row.class_name for row in BY_NAME[name].rows))
        assert re.findall(r"^\| `(\w+)` \| [\[`]", part, re.M) == classes_of


def test_the_index_is_first_and_the_page_short():
    text = (pages.FOLDER / "PORTING.md").read_text()
    assert re.findall(r"^## (.*)$", text, re.M) == [
        "Find your class", "An error, a warning", "No error, but the wrong rates", "From epochs to updates"]
    assert len(text.encode()) < 25_000


@pytest.mark.parametrize(("library", "name", "kinds"), [
    ("torch", "OneCycleLR", ["one_cycle"]), ("torch", "MultiStepLR", ["multi_factor"]),
    ("torch", "CosineAnnealingLR", ["cosine", "repeat"]), ("torch", "LambdaLR", []),
    ("torch", "CosineAnnealingWarmRestarts", ["repeat", "cosine_restarts"]), ("torch", "SWALR", ["cosine", "linear"]),
    ("keras", "CosineDecay", ["cosine", "warmup"]), ("keras", "CosineDecayRestarts", ["repeat", "cosine_restarts"]),
    ("mxnet", "MultiFactorScheduler", ["multi_factor"]), ("mxnet", "PolyScheduler", ["polynomial"]),
    ("gluoncv", "LRScheduler", ["constant", "multi_factor"]), ("timm", "TanhLRScheduler", []),
    ("transformers", "get_inverse_sqrt_schedule", ["warmup", "inverse_square_root"])])
def test_the_closest_kinds_come_first(library, name, kinds):
    assert find_kinds(BY_NAME[library], name)[:len(kinds) or None] == kinds


def test_each_mode_of_a_class_leads_to_its_page():
    (line,) = (line for line in list_classes() if line.startswith("| `LRScheduler` |"))
    for mode, kind in {"constant": "constant", "step": "multi_factor", "linear": "linear", "cosine": "cosine",
                       "poly` (power 2, 0.9)": "polynomial"}.items():
        assert f"{mode}`: [{kind}](porting/{kind}.md)".replace(")`:", "):") in line
    assert line.endswith("[Shift](porting/shift.md) by 1. [Arguments](COVERAGE.md#gluoncv) |")
    assert classes._link_modes(BY_NAME["optax"], "piecewise_interpolate_schedule") == ""  # both modes have one kind


@pytest.mark.parametrize("source", ["torch", "tensorflow", "mxnet", "gluoncv"])
def test_every_class_that_port_reads_is_in_the_index(source):
    listed = {row.class_name for row in BY_NAME["keras" if source == "tensorflow" else source].rows}
    assert set(SOURCES[source].READERS) <= listed


def test_every_built_in_class_of_a_page_links_to_a_page():
    for example in EXAMPLES.values():
        for framework in FRAMEWORKS:
            if (spelling := find_built_in(example.schedule, framework)) is not None:
                library = BY_NAME["keras" if framework == "tensorflow" else framework]
                assert find_kinds(library, find_class(spelling.code)) != []


def test_a_new_class_is_in_the_index(monkeypatch):
    row = dataclasses.replace(BY_NAME["torch"].rows[0], call="NewLR(optimizer)")
    more = dataclasses.replace(BY_NAME["torch"], rows=(*BY_NAME["torch"].rows, row))
    monkeypatch.setattr(classes, "LIBRARIES", (more,))
    assert "| `NewLR` | [factor](porting/factor.md) |" in list_classes()


def test_the_record_of_optax_is_complete():
    record = optax_record.read_record()
    for kind, example in EXAMPLES.items():
        for spelling in write_spellings(example.schedule, "optax"):
            assert spelling.code in record["off"], kind
            assert spelling.native or record["off"][spelling.code]["ulp"] == 0
    assert optax_record.find_differences(record, record) == []
    other = {"off": {**record["off"], next(iter(record["off"])): {"ulp": 1}, "optimizer = None": {"ulp": 0}}}
    assert len(optax_record.find_differences(record, other)) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_a_kind_lists_its_fields(kind):
    lines = docstrings.describe(kind)
    assert set(re.findall(r"^- `(\w+)`: ", "\n".join(lines), re.M)) == set(KINDS[kind].model_fields) - {"kind"}
    for before, line in pairwise(lines):  # Source is a new paragraph
        assert before == "" or not line.startswith("Source: ")
