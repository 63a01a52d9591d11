"""Damages the values of a JSON or TOML file: values, keys and lists of the wrong kind in the right places."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from tests.harness.fuzz.mutate import damage_bytes as damage_bytes
from tests.harness.fuzz.planted import TEXTS

#: Written without quotes, even if they are not valid JSON.
RAW = ("NaN", "nan", "inf", "Infinity", "-Infinity", "1e999", "-0.0", "1e-400", "1" + "0" * 400,
       "1" * 4400, "0x" + "f" * 5000, "1.0", "1E2", "01", "1979-05-27", "'''", "[" * 5000, *(
           opened * deep + "0" + closed * deep for deep in (64, 70, 254, 400, 990, 3000)
           for opened, closed in (("[", "]"), ('{"a":', "}"), ('{"kind": "scale", "by": 1.0, "of": ', "}"))))
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 0.5, 1.0, 1e308, 1e37, 5e-324, 2**31, 2**53, 2**53 + 1, 2**63, 2**64, -2**63,
    10**300, "", "0", "nan", "x" * 2000, "\ud800", "\0", "\n", "\u202e", "kind", [], [[]],
    [0], [None] * 50, {}, {"": {}},
    {"kind": "constant"}, {"kind": None}, {"kind": []}, {"kind": "constant", "base_lr": 0.1}, *TEXTS)


def build_tree_damage(parse: Callable[[str], Any], write: Callable[[Any], str]) -> Callable[..., bytes]:
    """Return a function that damages the values of a file. parse, write: of its format."""
    def damage(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
        tree = copy.deepcopy(parse(content.decode()))
        other = parse(random.choice(others).decode())
        raw: list[str] = []
        for _ in range(random.choice((1, 1, 2, 4))):
            tree = _change(tree, other, raw, random)
        try:
            text = write(tree)
        except (TypeError, ValueError, AttributeError):  # TOML has no null, and its root is a table
            return damage_bytes(content, others, random)
        for number, token in enumerate(raw):
            text = text.replace(f'"@{number}@"', token)
        return text.replace("@again@", "").encode("utf-8", "surrogatepass")

    return damage


json_damaged = build_tree_damage(json.loads, json.dumps)


def _iterate_places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container with each of its keys or indices."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield tree, key
        yield from _iterate_places(value)


def _walk(tree: Any, random: Random) -> tuple[Any, Any]:
    """Return a container with one of its keys or indices, more often near the top than at the bottom."""
    while True:
        key = random.choice([*tree] if isinstance(tree, dict) else range(len(tree)))
        if not isinstance(tree[key], dict | list) or not tree[key] or random.random() < 0.2:
            return tree, key
        tree = tree[key]


def _change(tree: Any, other: Any, raw: list[str], random: Random) -> Any:
    places, grafts = list(_iterate_places(tree)), list(_iterate_places(other))
    if not places or random.random() < 0.01:
        return _draw_value(raw, random)
    inside, key = random.choice(places) if random.random() < 0.5 else _walk(tree, random)
    way = random.randrange(10)
    if way <= 2:
        inside[key] = _draw_value(raw, random)
    elif way == 3:
        inside[key] = _draw_same_type(inside[key], random)
    elif way == 4:
        del inside[key]
    elif way == 5 and grafts:
        graft, at = random.choice(grafts)
        inside[key] = copy.deepcopy(graft[at])
    elif way == 6:
        inside[key] = random.choice(([inside[key]], {"a": inside[key]}, [inside[key]] * 3))
    elif way == 7 and isinstance(inside, dict):
        inside[f"{key}@again@"] = random.choice((inside[key], _draw_value(raw, random)))
    elif way == 8 and isinstance(inside, dict):
        inside[random.choice((key[:-1], f"{key} ", key.upper(), "", "kind", *TEXTS))] = inside.pop(key)
    elif isinstance(inside, list):
        inside.insert(key, random.choice((copy.deepcopy(inside[key]), _draw_value(raw, random))))
    else:
        inside[key] = _draw_same_type(inside[key], random)
    return tree


def _draw_same_type(value: Any, random: Random) -> Any:
    """Return a value of the same type, which may be valid."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if random.random() < 0.05:
            return 10**400
        with contextlib.suppress(OverflowError):  # an integer that is too large for float
            return value * random.choice((-1, 0, 0.5, 1, 1, 1.0, 2, 10**18)) + random.choice((-1, 0, 0, 0.5, 1))
    return copy.deepcopy(random.choice([other for other in VALUES if type(other) is type(value)] or [value]))


def _draw_value(raw: list[str], random: Random) -> Any:
    if random.random() < 0.6:
        return copy.deepcopy(random.choice(VALUES))
    raw.append(random.choice(RAW))
    return f"@{len(raw) - 1}@"
