"""Runs the command: writes the schedule editor as one HTML page, and opens it."""

from __future__ import annotations

import inspect
import json
import sys
import tempfile
import webbrowser
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from frameworks import schedule
from frameworks.arguments import Parser
from frameworks.schedule.union import KINDS, build_examples
from frameworks.whole_files import describe_error, replace_whole
from parity.pages.edit.classes import build_libraries, build_optimizers
from parity.pages.edit.code_document import build_code
from parity.pages.report.write import HERE as REPORT
from parity.pages.report.write import fill_page
from parity.port.read import MULTIPLYING
from parity.port.source.libraries import NAMED

HERE = Path(__file__).resolve().parent
#: The committed JSON Schema: python -OO has no docstrings to make one with its texts.
SCHEMA = Path(schedule.__file__).with_name("schema.json")
#: The scripts, in the order in which they need each other; the chart is the report's.
PROGRAM = (REPORT / "chart.js", *(HERE / f"{name}.js" for name in (
    "schedule", "composed", "rules", "python", "read", "read_torch", "read_others", "log", "write", "built_in", "form",
    "code", "page", "paste", "start")))
#: The schedules of a page without a link: a warm-up and what it warms up to.
FIRST = ("warmup", "cosine")


def add_arguments(command: ArgumentParser) -> None:
    """Add the arguments of `edit`."""
    command.add_argument("--out", type=Path, metavar="FILE",
                         help="write the page into this file (default: a new file, which is opened in a browser)")


def run(chosen: Namespace, parser: Parser) -> int:
    """Write the page, and open it unless the file is named."""
    path = chosen.out
    try:
        if path is None:
            path = Path(tempfile.mkdtemp(prefix="lr-parity-")) / "editor.html"
        replace_whole({path: build_page().encode()})
    except OSError as error:
        parser.error(f"argument --out: {path}: {describe_error(error)}")
    print(path, flush=True)
    if chosen.out is None and not webbrowser.open(path.as_uri()):
        print("no browser could be started: open this file in one", file=sys.stderr)
    return 0


def build_page() -> str:
    """Return the page with its styles, its scripts and the kinds in it."""
    return fill_page(HERE / "page.html", {
        "css": (REPORT / "page.css").read_text(encoding="utf-8") + (HERE / "page.css").read_text(encoding="utf-8"),
        "program": "\n".join(path.read_text(encoding="utf-8") for path in PROGRAM),
        "document": json.dumps(build_document(), separators=(",", ":"), allow_nan=False)})


def build_document() -> dict[str, Any]:
    """Return the kinds with their fields, texts and examples, and the first schedules."""
    definitions, examples = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"], build_examples()
    dumped = {kind: examples[kind].model_dump(mode="json") for kind in KINDS}
    kinds = {}
    for kind, model in KINDS.items():
        text = inspect.cleandoc(definitions[model.__name__]["description"]).split("\n>>>")[0].strip()
        fields = {name: _simplify(field) for name, field in definitions[model.__name__]["properties"].items()
                  if name != "kind"}
        kinds[kind] = {"name": model.__name__, "about": text.splitlines()[0].replace("`", ""), "text": text,
                       "fields": fields, "example": dumped[kind]}
    return {"kinds": kinds, "first": [dumped[kind] for kind in FIRST], "libraries": build_libraries(),
            "modules": NAMED,
            "multiplying": MULTIPLYING, "optimizers": build_optimizers(), "code": build_code()}


def _simplify(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field's JSON Schema without its title; a schedule has the type "schedule"."""
    if "oneOf" in field:
        return {"type": "schedule"}
    if "anyOf" in field:  # a type or null
        return {**field["anyOf"][0], "default": field["default"], "nullable": True}
    simple = {name: value for name, value in field.items() if name != "title"}
    if "items" in simple:
        simple["items"] = _simplify(simple["items"])
    return simple
