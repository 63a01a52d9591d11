"""Reads a thousand damaged data files: none is accepted, each is named, none is deleted, and little memory is used."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import zlib

import numpy as np
import pytest

from reproduce.trainer import data

SEEDS = 1200
SMALL = dataclasses.replace(data.FILES[0], shape=(20, 28, 28))
LABELS = dataclasses.replace(data.FILES[1], shape=(20,))


def original(file):
    return file.header + np.random.default_rng(0).integers(0, 10, file.shape, np.uint8).tobytes()


#: Damage to the packed file, whose first ten bytes do not depend on its content ...
PACKED = {
    "cut": lambda packed, random: packed[:int(random.integers(0, len(packed)))],
    "bit flipped": lambda packed, random: flipped_to_effect(packed, random),  # noqa: PLW0108
    "doubled": lambda packed, random: packed * 2,
    "html": lambda packed, random: b"<!DOCTYPE html>" + random.bytes(int(random.integers(0, 500))),
    "appended": lambda packed, random: packed + b"\x01" + random.bytes(int(random.integers(0, 50))),
    "noise": lambda packed, random: random.bytes(int(random.integers(1, 5000))),
    "another member": lambda packed, random: packed + gzip.compress(random.bytes(3)),
}
#: ... and damage to its content, packed again.
CONTENT = {
    "empty": lambda content, random: b"",
    "cut": lambda content, random: content[:int(random.integers(0, len(content)))],
    "bit flipped": lambda content, random: flip_bits(content, random, 0),
    "longer": lambda content, random: content + random.bytes(int(random.integers(1, 50))),
    "doubled": lambda content, random: content * 2,
    "bomb": lambda content, random: content + bytes(int(random.integers(1, 1 << 22))),
    "wrong shape": lambda content, random: content[:4] + random.permutation(
        np.frombuffer(content[4:8], np.uint8) ^ 1).tobytes() + content[8:],
    "wrong label": lambda content, random: content[:-1] + bytes([int(random.integers(10, 256))]),
    "two pixels swapped": lambda content, random: swap_bytes(content),
}


def swap_bytes(content):
    """Return the content with its last byte and the last different byte exchanged."""
    other = max(at for at in range(len(content)) if content[at] != content[-1])
    return content[:other] + content[-1:] + content[other + 1:-1] + content[other:other + 1]


def flip_bits(content, random, first):
    at = int(random.integers(first, len(content)))
    return content[:at] + bytes([content[at] ^ (1 << int(random.integers(8)))]) + content[at + 1:]


def flipped_to_effect(packed, random):
    """Flip a bit that has a meaning; up to seven bits after the last block have none."""
    while True:
        damaged = flip_bits(packed, random, 10)
        try:
            if gzip.decompress(damaged) != gzip.decompress(packed):
                return damaged
        except (OSError, EOFError, zlib.error):
            return damaged


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("file", [SMALL, LABELS], ids=["images", "labels"])
def test_no_mutation_is_accepted(file, packed, tmp_path):
    content = original(file)
    file = dataclasses.replace(file, payload=hashlib.sha256(content).hexdigest())
    path = tmp_path / (f"{file.name}.gz" if packed else file.name)
    path.write_bytes(gzip.compress(content) if packed else content)
    assert data.read(file, tmp_path).tobytes() == content[len(file.header):]  # an undamaged file is accepted
    kinds = [*CONTENT.items()] + [(f"packed {name}", change) for name, change in PACKED.items()] * packed
    for seed in range(SEEDS // 4):
        random = np.random.default_rng(seed)
        name, change = kinds[seed % len(kinds)]
        if name.startswith("packed "):
            damaged = change(gzip.compress(content), random)
        else:
            damaged = change(content, random)
            damaged = gzip.compress(damaged, 1) if packed else damaged
        path.write_bytes(damaged)
        with pytest.raises(data.DataError) as caught:
            data.read(file, tmp_path)
        message = str(caught.value)
        assert message.startswith(f"{path}: expected "), (seed, name)
        assert "found" in message
        assert "\n" not in message
        assert path.read_bytes() == damaged


MEASURE = """
import resource, sys
from pathlib import Path
from reproduce.trainer import data
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
try:
    data.read(data.FILES[0], Path(sys.argv[1]))
except data.DataError as error:
    print(error, file=sys.stderr)
print(peak() - before)
"""


@pytest.mark.parametrize("kind", ["bomb", "another pixel", "plain"])
def test_a_damaged_file_takes_at_most_64_mib(kind, tmp_path, run):
    """Tests a gigabyte of zeros in a megabyte, the right size with the wrong content, and a gigabyte on disk."""
    file = data.FILES[0]
    path = tmp_path / (file.name if kind == "plain" else f"{file.name}.gz")
    if kind == "plain":
        with open(path, "wb") as stream:
            stream.truncate(1 << 30)
    else:
        with gzip.open(path, "wb", compresslevel=1) as stream:
            for _ in range(1024 if kind == "bomb" else 44):
                stream.write(bytes(1 << 20))
            stream.write(bytes(file.size - (44 << 20)) if kind == "another pixel" else b"")
    result = run("-c", MEASURE, tmp_path)
    assert result.stderr.startswith(f"{path}: expected ")
    assert int(result.stdout) <= 64 << 20
