"""Damages bytes: flips bits, cuts, doubles and splices ranges, makes numbers and nesting extreme."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from tests.harness.fuzz.planted import BLOBS

#: The largest damaged file in bytes; slowness because of size is not tested.
MOST = 1 << 20
#: Replacements of a number, or texts inserted anywhere.
TOKENS = (
    b"NaN", b"nan", b"-nan", b"Infinity", b"-Infinity", b"inf", b"1e999", b"-1e999", b"1e308", b"3.5e38", b"1e-400",
    b"-0.0", b"0", b"-1", b"0.5", b"1e0", b"1_0", b"0x7f", b"0o7", b"9007199254740993", b"18446744073709551616",
    b"9223372036854775807", b"-9223372036854775808", b"4294967296", b"1" + b"0" * 400, b"1" * 4301, b"0x" + b"f" * 5000,
    b"true", b"null", b"None", b'""', b"'", b'"', b"{}", b"[]", b"[[]]", b"\\ud800", b"\\u0000", b"\0", b"\xff\xfe",
    b"\xed\xa0\x80", b"\xc0\x80", b"\xef\xbb\xbf", b"\r\n", b"\n\n", b"1979-05-27", b"07:32:00", b"#", b"=", b",", b":",
    b"\x80\x05", b"\x7f" * 8, b"\xff" * 8, b"\0" * 8,
)
NESTS = ((b"[", b"]"), (b'{"a":', b"}"), (b"(", b")"), (b"f(", b")"), (b"not ", b""), (b"-", b""), (b"", b"[0]"),
         (b"", b"()"), (b"", b".a"), (b"1+", b"1"), (b'{"kind": "scale", "by": 1.0, "of": ', b"}"), (b"a.", b""))
DEEP = (3, 19, 21, 63, 66, 200, 500, 1000, 3000, 20_000)
_NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def damage_bytes(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return the content damaged in one to five ways. others: contents to splice in."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 5))):
        content = random.choice(_WAYS)(content, others, random)[:MOST]
    return content


def _cut_at(content: bytes, random: Random) -> tuple[int, int]:
    """Return a random range, more often short than long."""
    start = random.randrange(len(content) + 1)
    return start, min(len(content), start + random.choice((1, 1, 2, 4, 8, 32, 256, len(content))))


def _flip(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    if not content:
        return b"\0"
    at = random.randrange(min(len(content), random.choice((16, 4096, MOST))))
    return content[:at] + bytes([content[at] ^ 1 << random.randrange(8)]) + content[at + 1:]


def _overwrite(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start, end = _cut_at(content, random)
    return content[:start] + random.randbytes(min(end - start, 64)) + content[end:]


def _truncate(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    return content[:random.randrange(len(content) + 1)]


def _delete(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start, end = _cut_at(content, random)
    return content[:start] + content[end:]


def _double(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start, end = _cut_at(content, random)
    times = random.choice((2, 2, 3, 50)) if end - start < 4096 else 2
    return content[:start] + content[start:end] * times + content[end:]


def _splice(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    other = random.choice((*others, *BLOBS))
    start, end = _cut_at(other, random)
    here, there = _cut_at(content, random)
    return content[:here] + other[start:end] + content[random.choice((here, there)):]


def _replace(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return another content altogether."""
    return random.choice((b"", b" ", b"\n", b"{}", b"[]", b"null", b"0", random.randbytes(64), *BLOBS))


def _insert(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] + random.choice((*TOKENS, *BLOBS)) + content[at:]


def _replace_number(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Replace one number in the first 16 KiB."""
    matches = list(_NUMBER.finditer(content, 0, 1 << 14))
    if not matches:
        return _insert(content, others, random)
    match = random.choice(matches)
    return content[:match.start()] + random.choice(TOKENS) + content[match.end():]


def _nest(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start, end = _cut_at(content, random)
    before, after = random.choice(NESTS)
    deep = random.choice(DEEP)
    inner = random.choice((content, content[start:end], b"1", b""))
    nested = before * deep + inner + after * random.choice((deep, deep, deep - 1))
    return nested if random.random() < 0.5 else content[:start] + nested + content[end:]


_WAYS = (_flip, _flip, _overwrite, _truncate, _delete, _double, _splice, _insert, _replace_number, _replace_number,
         _nest, _replace)
