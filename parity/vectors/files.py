"""Builds and reads vector files. `ids.txt` has every id ever used: lines are added, never changed or removed."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from frameworks.observation import format_bits
from frameworks.schedule import Schedule, lrs
from frameworks.strict_json import read_json
from frameworks.whole_files import describe_error, read_bounded
from parity.cases import CASES, GROUPS, Case
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.shown import list_flags

FOLDER = Path(__file__).resolve().parent
FORMAT = 1
#: Bytes; the largest file has a sixth of a megabyte.
MAX_BYTES = 4 << 20
#: The largest number of updates from 0 on in a vector.
FIRST = 128
#: More updates of every vector: around 2^24, where a float32 count stays the same, around 2^31, and 2^53.
FAR = (10**3, 10**6, 2**24 - 1, 2**24, 2**24 + 1, 10**9, 2**31 - 1, 2**31, 2**31 + 1, 2**53)
#: The largest number of changes of a rate beyond the first updates; a vector has both sides of each.
CHANGES = 12
#: Fields that were added to a kind later, with the value that changes nothing: they are left out of digests.
LATER = {"exponential": {"max_lr": None}, "repeat": {"decay": 1.0, "min_lr": 0.0}, "warmup": {"power": None}}


class VectorError(ValueError):
    """A vector file cannot be read; the message is one sentence with its name."""


def read_ids(text: str) -> dict[tuple[str, str], int]:
    """Read ids.txt: (name, digest) -> number. Raises VectorError for an invalid line or a repeated id."""
    ids: dict[tuple[str, str], int] = {}
    for index, line in enumerate(text.splitlines(), 1):
        match = re.fullmatch(r"lr-(\d{4}) (\w+) ([0-9a-f]{16})", line)
        if match is None:
            raise VectorError(f"ids.txt: line {index} must be an id, a name and 16 digits, got {line[:60]!r}")
        number, key = int(match[1]), (match[2], match[3])
        if key in ids or number in ids.values():
            raise VectorError(f"ids.txt: line {index} gives again what is given: {line}")
        ids[key] = number
    return ids


def build_documents(known: str) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the document of each group, by file name, and the text of ids.txt with the new ids added.

    known: the text of ids.txt. Raises VectorError if it is not valid.
    """
    ids = read_ids(known)
    documents = {}
    for group, cases in GROUPS.items():
        vectors = []
        for name, case in cases.items():
            key = (name, compute_digest(case.schedule))
            ids.setdefault(key, max(ids.values(), default=0) + 1)
            vectors.append({"id": f"lr-{ids[key]:04}", **_build_vector(name)})
        used = {flag for vector in vectors for flag in vector["flags"]}
        documents[f"{group}.json"] = {
            "format": FORMAT, "specification": 1, "made_by": "python -m parity vectors",
            "flags": {mistake.id: {"kind": mistake.family, "effect": mistake.effect, "link": mistake.link}
                      for mistake in CATALOGUE.values() if mistake.id in used},
            "vectors": vectors,
        }
    return documents, "".join(f"lr-{number:04} {name} {sha}\n" for (name, sha), number in ids.items())


def compute_digest(schedule: Schedule) -> str:
    """Return 16 digits of the SHA-256 of a schedule's JSON with sorted keys, without the fields of LATER."""
    text = json.dumps(_drop_later(schedule.model_dump(mode="json")), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _drop_later(part: Any) -> Any:
    if isinstance(part, list):
        return [_drop_later(element) for element in part]
    if not isinstance(part, dict):
        return part
    later = LATER.get(part["kind"], {})
    later = later if all(part[field] == value for field, value in later.items()) else {}
    return {field: _drop_later(value) for field, value in part.items() if field not in later}


@cache
def _build_vector(name: str) -> dict[str, Any]:
    case = CASES[name]
    every, first = list_updates(case), min(case.updates, FIRST)
    far = every[first:]
    near, rates = lrs(case.schedule, first).tolist(), [case.schedule.lr(t) for t in far]
    return {
        "name": name,
        "schedule": case.schedule.model_dump(mode="json", exclude_none=True),
        "flags": list_flags(case.schedule, every),
        "lr": near,
        "bits": [format_bits(rate) for rate in near],
        "far": {"t": far, "lr": rates, "bits": [format_bits(rate) for rate in rates]},
    }


def list_updates(case: Case) -> list[int]:
    """Return the updates of a vector: the first ones, then the far ones."""
    return [*range(min(case.updates, FIRST)), *_list_far(case)]


def _list_far(case: Case) -> list[int]:
    """Return the far updates: both sides of the first and last changes of the rate, of the horizon, and FAR."""
    rates, end = lrs(case.schedule, max(case.updates, FIRST + 1)), case.schedule.horizon
    changes = [t for t in range(FIRST, len(rates)) if rates[t] != rates[t - 1]]
    if len(changes) > CHANGES:
        changes = changes[:CHANGES // 2] + changes[-CHANGES // 2:]
    far = {*FAR, end - 1, end, end + 1, *changes, *(t - 1 for t in changes), len(rates) - 1}
    return sorted(t for t in far if t >= min(case.updates, FIRST))


def format_document(document: dict[str, Any]) -> str:
    """Format a document as JSON, with one line for each list of numbers."""
    lines = json.dumps(document, indent=1).splitlines()
    result, open_list = [], None
    for line in lines:
        if open_list is None and line.endswith("["):
            open_list = [line]
        elif open_list is not None and line.strip()[:1] not in "{}[" and not line.strip().startswith("]"):
            open_list.append(line.strip())
        elif open_list is not None:
            opens = line.endswith("[")
            if line.strip().startswith("]"):
                result.append(open_list[0] + " ".join(open_list[1:]) + line.strip())
            else:
                result += open_list if opens else [*open_list, line]
            open_list = [line] if opens else None
        else:
            result.append(line)
    return "\n".join(result) + "\n"


def read_text(path: Path) -> str:
    """Read a file as UTF-8. Raises VectorError."""
    try:
        return read_bounded(path, MAX_BYTES, "file of vectors").decode("utf-8")
    except UnicodeDecodeError:
        raise VectorError(f"{path.name}: not UTF-8") from None
    except (OSError, ValueError) as error:
        raise VectorError(f"{path.name}: {describe_error(error)}") from None


def read(path: Path) -> dict[str, Any]:
    """Read one file. Raises VectorError if it is not a vector file, or has a newer format."""
    try:
        document = read_json(path, MAX_BYTES, "file of vectors")
    except (OSError, ValueError) as error:
        raise VectorError(f"{path.name}: {describe_error(error)}") from None
    version = document.get("format") if isinstance(document, dict) else None
    if not isinstance(version, int) or version < 1:
        raise VectorError(f"{path.name}: format must be {FORMAT}, got {version!r}")
    if version > FORMAT:
        raise VectorError(f"{path.name}: format {version} is newer than this project's, {FORMAT}: update the project")
    return document
