"""All pages by name, and which of those in a folder are not current."""

from __future__ import annotations

from pathlib import Path

from parity.measuring.processes import ROOT
from parity.pages.guide import halve, index, kinds
from parity.pages.guide.examples import EXAMPLES, without_page
from parity.pages.guide.measured import GuideError, Measured, measure
from parity.pages.guide.messages import MESSAGES, Message
from parity.pages.guide.saving import SAVING
from parity.pages.guide.symptoms import SYMPTOMS, Symptom

FOLDER = ROOT / "frameworks"
COMMAND = "python -m parity guide"


def measured() -> Measured:
    """Run all that the guide is made of: one process for each framework. Raises GuideError."""
    found = measure([*kinds.runs(EXAMPLES), *halve.runs().values(), *(one.run for one in SYMPTOMS)],
                    [(one.process, one.code) for one in [*MESSAGES, *SAVING]])
    check(found, [*MESSAGES, *SAVING], SYMPTOMS)
    return found


def check(found: Measured, messages: list[Message], symptoms: list[Symptom]) -> None:
    """Raise GuideError unless every message is said as quoted, and every symptom shows."""
    for one in messages:
        said = " ".join(found.messages[one.process, one.code].split())
        if one.quoted not in said:
            raise GuideError(f"{one.framework} does not say {one.quoted!r} but {said[:300]!r}")
    for one in symptoms:
        if found[one.run].first is None:
            raise GuideError(f"{one.seen}: it does not happen in {one.framework}")


def made(found: Measured | None = None) -> tuple[dict[str, str], list[str]]:
    """Return the pages by name, and a line for each kind that has none. Raises GuideError."""
    found = measured() if found is None else found
    texts = {path.stem for path in kinds.TEXT.glob("*.md")}
    missing = without_page(texts)
    pages = {f"porting/{kind}.md": kinds.page(kind, found) for kind in EXAMPLES if kind in texts}
    return {"PORTING.md": index.page(found), **pages}, missing


def made_no_more(pages: dict[str, str], folder: Path) -> list[str]:
    """Return a line for each page in a folder that is not one of these."""
    others = {path.relative_to(folder).as_posix() for path in (folder / "porting").glob("*.md")} - set(pages)
    return [f"{name} is made by nothing: delete it" for name in sorted(others)]
