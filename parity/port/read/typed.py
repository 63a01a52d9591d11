"""Replaces the names of a reader's arguments in messages with what the user typed: an option, or a key of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from parity.port.read.literal import PortError


def spell_typed(text: str, typed: Mapping[str, str]) -> str:
    """Return a message with the words that the user typed.

    text: the message. typed: the word for the name of each argument. A name without "_" may be a plain word: it is
    replaced at the beginning of a statement and in quotes only.
    """
    if not typed:
        return text

    def spell(match: re.Match[str]) -> str:
        name, before = match[0], text[:match.start()]
        return typed[name] if "_" in name or not before or before.endswith((": ", "'")) else name

    return re.sub(rf"(?<![\w-])(?:{'|'.join(map(re.escape, typed))})(?![\w-])", spell, text)


@contextmanager
def name_typed(typed: Mapping[str, str]) -> Iterator[None]:
    """Raise each PortError again with the words that the user typed. typed: the word for each argument."""
    try:
        yield
    except PortError as error:
        raise PortError(spell_typed(str(error), typed)) from None
