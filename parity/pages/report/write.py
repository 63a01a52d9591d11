"""Write a document as JSON, as a Markdown table and as one HTML page that needs nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from frameworks.whole_files import replace_whole

HERE = Path(__file__).resolve().parent
NAMES = ("parity.json", "parity.md", "index.html")


def write(found: dict[str, Any], folder: Path) -> None:
    """Write parity.json, parity.md and index.html, whole or not at all. Raises OSError.

    The same document gives the same bytes.
    """
    text = json.dumps(found, separators=(",", ":"), allow_nan=False)
    contents = (text + "\n", markdown(found), page(text))
    folder.mkdir(parents=True, exist_ok=True)
    replace_whole({folder / name: content.encode() for name, content in zip(NAMES, contents)})


def page(text: str) -> str:
    """Put the document, the style and the program into the page."""
    parts = {"{{css}}": (HERE / "page.css").read_text(encoding="utf-8"),
             "{{chart}}": (HERE / "chart.js").read_text(encoding="utf-8"),
             "{{page}}": (HERE / "page.js").read_text(encoding="utf-8"),
             "{{document}}": text.replace("<", "\\u003c")}  # no "</script" in a script
    result = (HERE / "page.html").read_text(encoding="utf-8")
    for mark, part in parts.items():
        result = result.replace(mark, part)
    return result


def markdown(found: dict[str, Any]) -> str:
    """Lay out the matrix schedule x framework."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    lines = ["# Parity", "", f"Measured {found['made']} by `{found['command']}`: {versions}.", "",
             "| schedule | updates | " + " | ".join(found["versions"]) + " |",
             "| --- | --- |" + " --- |" * len(found["versions"])]
    for case in found["cases"]:
        cells = [_cell(case, framework) for framework in found["versions"]]
        lines.append(f"| {case['name']} | {case['updates']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(case: dict[str, Any], framework: str) -> str:
    one = case["applied"][framework]
    if one["first_difference"] is not None:
        return f"differs from update {one['first_difference']} on"
    return "equal" if not one["edges"] else f"equal, {one['edges']} on the edge"
