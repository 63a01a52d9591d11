"""Replaces the generated blocks of a document, each between two marks that name its command."""

from __future__ import annotations


def extract_block(text: str, begin: str, end: str) -> str:
    """Return what stands between two marks of a text."""
    return text.split(begin)[1].split(end)[0].strip()


def replace_block(text: str, made: str, begin: str, end: str) -> str:
    """Return the text with a block put in between two marks. Raises ValueError if it has not each mark once."""
    if (text.count(begin), text.count(end)) != (1, 1):
        raise ValueError(f"must have each of these marks once: {begin} {end}")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n\n{made}\n\n{end}{after}"
