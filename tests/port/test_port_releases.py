"""Tests that `port` names the release of the library whose rates it reads."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from parity.port import SOURCES, read_text
from parity.port.ports import measure_spellings, write_all_spellings
from parity.port.read.releases import RELEASES


def test_every_library_has_a_release():
    assert set(RELEASES) == set(SOURCES)


def test_the_releases_are_those_that_were_compared(root):
    """The table of schedulers was recorded with them, or is compared with what is installed."""
    recorded = {}
    for path in (root / "parity/pages/coverage/recorded").glob("*.json"):
        document = json.loads(path.read_text())
        recorded[path.stem] = f"{document['distribution']} {document['version']}"
    compared = {library: release for library, release in RELEASES.items() if library in recorded}
    assert len(compared) > 10
    assert [library for library, release in compared.items() if not recorded[library].startswith(release)] == []
    assert not recorded["timm"].startswith("timm 1.0.30")


@pytest.mark.parametrize("library", ["mxnet", "torch", "keras"])
def test_the_installed_releases_are_those_of_the_readers(library):
    name, release = RELEASES["tensorflow" if library == "keras" else library].split()
    assert version(name).startswith(release), "compare the reader with this release, then name it"


def test_the_output_names_it():
    reading = read_text("FactorScheduler(3, 0.5, base_lr=0.1)", "mxnet")
    ports = measure_spellings(reading, write_all_spellings(reading.schedule, ["torch"]), None, measure=False)
    assert ports.write_text().startswith("# the schedule, as mxnet 1.9.1 applies it: t is the number of updates")
    assert ports.write_document()["release"] == "mxnet 1.9.1"
