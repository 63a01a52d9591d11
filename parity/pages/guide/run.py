"""Runs the guide's code in one framework: python -m parity.pages.guide.run --framework torch

Reads a JSON object from stdin, {"rates": [{"schedule": ..., "updates": n, "code": ...}, ...], "messages": [code, ...]},
and prints {"version": ..., "bits": [[...], ...], "messages": [...]}. A message is the text that a code raises, warns or
prints. All code comes from the guide; no text of a user is run.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from typing import Any

from frameworks import backend, version
from frameworks.observation import format_bits
from frameworks.schedule.union import ADAPTER
from parity.measuring.questions import answer
from parity.port.measured import observe_code


def capture_message(code: str) -> str:
    """Run one code and return its error, its warnings and its output, each on a new line."""
    output, lines = io.StringIO(), []
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(output):
        warnings.simplefilter("always")
        try:
            exec(code, {})
        except Exception as error:
            lines.append(f"{type(error).__name__}: {error}")
    lines += [f"{warning.category.__name__}: {warning.message}" for warning in caught]
    return "\n".join([*lines, *output.getvalue().splitlines()])


def _answer(framework: str, question: dict[str, Any]) -> dict[str, Any]:
    backend(framework)
    applied = [observe_code(ADAPTER.validate_python(row["schedule"]), framework, row["code"], row["updates"])
               for row in question["rates"]]
    return {"version": version(framework), "bits": [[format_bits(rate) for rate in rates] for rates in applied],
            "messages": [capture_message(code) for code in question["messages"]]}


if __name__ == "__main__":
    sys.exit(answer("parity.pages.guide.run", "Run the guide's code in one framework.", _answer))
