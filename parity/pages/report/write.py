"""Writes a document as JSON, as a Markdown table and as a self-contained HTML page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from frameworks.whole_files import replace_whole

HERE = Path(__file__).resolve().parent
NAMES = ("parity.json", "parity.md", "index.html")


def write(document: dict[str, Any], folder: Path) -> None:
    """Write parity.json, parity.md and index.html, all three or none. Raises OSError.

    The same document gives the same bytes.
    """
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    contents = (text + "\n", build_markdown(document), build_page(text))
    folder.mkdir(parents=True, exist_ok=True)
    replace_whole({folder / name: content.encode() for name, content in zip(NAMES, contents)})


def build_page(text: str) -> str:
    """Return the HTML page with the document, the style and the program in it. text: the document in JSON."""
    return fill_page(HERE / "page.html", {name: (HERE / file).read_text(encoding="utf-8") for name, file in (
        ("css", "page.css"), ("chart", "chart.js"), ("page", "page.js"))} | {"document": text})


def fill_page(template: Path, parts: dict[str, str]) -> str:
    """Return an HTML page with its parts, each at its name in double braces. The part "document" is JSON."""
    parts = {**parts, "document": parts["document"].replace("<", "\\u003c")}  # no "</script" in a script
    result = template.read_text(encoding="utf-8")
    for name, part in parts.items():
        result = result.replace(f"{{{{{name}}}}}", part)
    return result


def build_markdown(document: dict[str, Any]) -> str:
    """Return the Markdown page, a table with a row for each schedule and a column for each framework."""
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    lines = ["# Parity", "", f"Measured {document['made']} by `{document['command']}`: {versions}.", "",
             "| schedule | updates | " + " | ".join(document["versions"]) + " |",
             "| --- | --- |" + " --- |" * len(document["versions"])]
    for case in document["cases"]:
        cells = [_format_cell(case, framework) for framework in document["versions"]]
        lines.append(f"| {case['name']} | {case['updates']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _format_cell(case: dict[str, Any], framework: str) -> str:
    applied = case["applied"][framework]
    if applied["first_difference"] is not None:
        return f"differs from update {applied['first_difference']} on"
    return "equal" if not applied["edges"] else f"equal, {applied['edges']} within the tolerance"
