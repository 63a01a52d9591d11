"""Builds all pages of the guide by name, and lists the pages of a folder that are not current."""

from __future__ import annotations

from pathlib import Path

from parity.measuring.processes import ROOT
from parity.pages.guide import code_page, halve, index, kinds, states, wide_table
from parity.pages.guide.examples import EXAMPLES, find_kinds_without_page
from parity.pages.guide.measured import GuideError, Measured, measure
from parity.pages.guide.messages import MESSAGES, Message
from parity.pages.guide.saving import SAVING
from parity.pages.guide.symptoms import SYMPTOMS, Symptom

FOLDER = ROOT / "frameworks"
COMMAND = "python -m parity guide"


def measure_guide() -> Measured:
    """Run all code of the guide, in one process for each framework. Raises GuideError."""
    results = measure([*kinds.list_runs(EXAMPLES), *halve.list_runs().values(), *(symptom.run for symptom in SYMPTOMS),
                       *(symptom.mended_run for symptom in SYMPTOMS if symptom.mended_run)],
                      [(message.process, message.code) for message in [*MESSAGES, *SAVING]])
    check(results, [*MESSAGES, *SAVING], SYMPTOMS)
    return results


def check(results: Measured, messages: list[Message], symptoms: list[Symptom]) -> None:
    """Raise GuideError unless every message appeared, every symptom's rates differ and its mended ones do not."""
    for message in messages:
        printed = " ".join(results.messages[message.process, message.code].split())
        if message.quoted not in printed:
            raise GuideError(f"{message.framework} does not print {message.quoted!r} but {printed[:300]!r}")
    for symptom in symptoms:
        if results[symptom.run].first is None:
            raise GuideError(f"{symptom.seen}: it does not happen in {symptom.framework}")
        if symptom.mended_run and (first := results[symptom.mended_run].first) is not None:
            raise GuideError(f"{symptom.seen}: the mended code differs at update {first}")


def build_pages(results: Measured | None = None) -> tuple[dict[str, str], list[str]]:
    """Return the pages by name, and a line for each kind without a page. Raises GuideError."""
    results = measure_guide() if results is None else results
    texts = {path.stem for path in kinds.TEXT.glob("*.md")}
    missing = find_kinds_without_page(texts)
    pages = {f"porting/{kind}.md": kinds.build_page(kind, results) for kind in EXAMPLES if kind in texts}
    return {"PORTING.md": index.build_page(results), "PORTING_TABLE.md": wide_table.build_page(results),
            "PORTING_CODE.md": code_page.build_page(), "RESUMING.md": states.build_page(), **pages}, missing


def find_stale(pages: dict[str, str], folder: Path) -> list[str]:
    """Return a line for each page in a folder's `porting` that is not one of these pages."""
    others = {path.relative_to(folder).as_posix() for path in (folder / "porting").glob("*.md")} - set(pages)
    return [f"{name} is not generated any more: delete it" for name in sorted(others)]
