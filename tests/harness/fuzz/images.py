"""Defines how the files of Fashion-MNIST are fuzzed, with twenty images instead of all."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from reproduce.trainer.data import FILES, DataError
from reproduce.trainer.data import read as read_data
from tests.harness.fuzz.documents import build_file_reader
from tests.harness.fuzz.mutate import damage_bytes
from tests.harness.fuzz.target import Target

IMAGES = dataclasses.replace(FILES[0], shape=(20, 28, 28))
PIXELS = IMAGES.header + np.random.default_rng(0).integers(0, 10, IMAGES.shape, np.uint8).tobytes()
IMAGES = dataclasses.replace(IMAGES, payload=hashlib.sha256(PIXELS).hexdigest())


def _build_data_reader(name: str) -> Callable[[bytes, Path], Callable[[], Any]]:
    return build_file_reader(name, lambda path: read_data(IMAGES, path.parent))


def damage_and_pack(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Damage the content and compress it, or compress many zeros."""
    inner = random.choice((PIXELS, PIXELS[:16] + bytes(random.choice((0, 1 << 16, 8 << 20)))))
    return gzip.compress(damage_bytes(inner, [PIXELS], random) if len(inner) < 1 << 20 else inner, 1, mtime=0)


def _is_data(images: np.ndarray) -> None:
    assert images.tobytes() == PIXELS[16:]


TARGETS = (
    Target("data", (PIXELS,), _build_data_reader(IMAGES.name), (DataError,), _is_data),
    Target("data-packed", (gzip.compress(PIXELS, mtime=0),), _build_data_reader(f"{IMAGES.name}.gz"), (DataError,),
           _is_data,
           (damage_and_pack,)),
)
