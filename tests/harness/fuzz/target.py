"""Describes a kind of file, and counts the outcomes of reading damaged ones."""

from __future__ import annotations

import gc
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.harness.fuzz.mutate import damage_bytes
from tests.harness.fuzz.planted import BLOBS, MARK
from tests.harness.fuzz.watch import NoticedError, watch_reading

#: The most that reading a file of a megabyte may take: bytes of memory, seconds.
MEMORY, SECONDS = 64 << 20, 20.0

Damage = Callable[[bytes, Sequence[bytes], Random], bytes]


@dataclass(frozen=True)
class Target:
    """A kind of file.

    name: of the kind.
    seeds: valid files.
    read: returns a function that reads the bytes as a command does; it may first write them into the folder.
    documented: the errors that reading may raise.
    valid: raises AssertionError if the result is not valid.
    damages: ways to damage a file, in addition to those for any bytes.
    parses: whether it may parse Python (but not run it).
    memory, seconds: the most that reading may take, in bytes and seconds.
    """

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes, Path], Callable[[], Any]]
    documented: tuple[type[Exception], ...]
    valid: Callable[[Any], object]
    damages: tuple[Damage, ...] = ()
    parses: bool = False
    memory: int = MEMORY
    seconds: float = SECONDS

    def build_case(self, seed: int, number: int) -> bytes:
        """Return a damaged file, always the same for the same seed and number."""
        random = Random(f"{self.name} {seed} {number}")
        content, way = random.choice(self.seeds), random.choice((damage_bytes, *self.damages))
        content = way(content, self.seeds, random)
        return damage_bytes(content, self.seeds,
                            random) if way is not damage_bytes and random.random() < 0.1 else content


class UndocumentedError(Exception):
    """An action or error that reading a file must not cause."""


def try_file(target: Target, content: bytes, folder: Path) -> str:
    """Read a file and return "accepted" or the name of the documented error. Raises UndocumentedError."""
    reading = target.read(content, folder)
    try:
        with _translate_notices(), watch_reading(folder, parses=target.parses, most=target.memory,
                                  seconds=target.seconds):
            try:
                value = reading()
            except target.documented as error:
                return type(error).__name__
            except Exception as error:
                raise UndocumentedError(f"{type(error).__name__}: {error}"[:300]) from error
        try:
            target.valid(value)
        except Exception as error:
            raise UndocumentedError(f"accepted, but {type(error).__name__}: {error}"[:300]) from error
    finally:
        if MARK.exists():
            MARK.unlink()
            raise UndocumentedError("a payload was run")
    return "accepted"


@contextmanager
def _translate_notices() -> Iterator[None]:
    try:
        yield
    except NoticedError as noticed:
        raise UndocumentedError(str(noticed)) from noticed


@dataclass
class Found:
    """Counts of outcomes, and the undocumented cases: number, content, reason."""

    target: str
    seed: int
    outcomes: Counter[str] = field(default_factory=Counter)
    undocumented: list[tuple[int, bytes, str]] = field(default_factory=list)
    seconds: float = 0.0

    def format_line(self, command: str = "") -> str:
        """Return the counts as one line of JSON, with the command that made them."""
        return json.dumps({"command": command, "versions": {"python": platform.python_version()},
                           "target": self.target, "seed": self.seed,
                           "cases": self.outcomes.total() + len(self.undocumented),
                           **{key: self.outcomes[key] for key in sorted(self.outcomes)},
                           "undocumented": len(self.undocumented), "seconds": round(self.seconds, 1)})


def survey(target: Target, cases: int, seed: int, folder: Path) -> Found:
    """Read the valid files, the payloads and damaged files; stop after 20 undocumented cases.

    cases: number of payloads and damaged files. seed: of the damage. folder: for the files.
    """
    result = Found(target.name, seed)
    for number, content in enumerate(target.seeds):
        _count(result, target, -1 - number, content, folder)
    if set(result.outcomes) != {"accepted"}:
        raise RuntimeError(f"{target.name}: a good file is refused: {result}"[:1000])
    result.outcomes.clear()
    begin = time.perf_counter()
    for number in range(cases):
        content = BLOBS[number] if number < min(len(BLOBS), cases // 4) else target.build_case(seed, number)
        _count(result, target, number, content, folder)
        if len(result.undocumented) >= 20:
            break
    result.seconds = time.perf_counter() - begin
    return result


def _count(result: Found, target: Target, number: int, content: bytes, folder: Path) -> None:
    try:
        result.outcomes[try_file(target, content, folder)] += 1
    except UndocumentedError as error:
        result.undocumented.append((number, content, str(error)))
    if number % 256 == 255:
        gc.collect()
