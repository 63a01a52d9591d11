"""Run what the guide prints in one framework: python -m parity.pages.guide.run --framework torch

Reads a JSON object from stdin, {"rates": [{"schedule": ..., "updates": n, "code": ...}, ...], "messages": [code, ...]},
and prints {"version": ..., "bits": [[...], ...], "messages": [...]}. A message is what a code raises, warns of or
prints. All the code is the guide's own: no text of a user's is run.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from typing import Any

from frameworks import backend, version
from frameworks.observation import bits
from frameworks.schedule.union import ADAPTER
from parity.measuring.questions import answer
from parity.port.measured import observed


def message_of(code: str) -> str:
    """Run one code and return what it raises, warns of and prints, each from a line of its own."""
    said, lines = io.StringIO(), []
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(said):
        warnings.simplefilter("always")
        try:
            exec(code, {})
        except Exception as error:
            lines.append(f"{type(error).__name__}: {error}")
    lines += [f"{one.category.__name__}: {one.message}" for one in warned]
    return "\n".join([*lines, *said.getvalue().splitlines()])


def _answer(framework: str, question: dict[str, Any]) -> dict[str, Any]:
    backend(framework)
    found = [observed(ADAPTER.validate_python(one["schedule"]), framework, one["code"], one["updates"])
             for one in question["rates"]]
    return {"version": version(framework), "bits": [[bits(rate) for rate in one] for one in found],
            "messages": [message_of(code) for code in question["messages"]]}


if __name__ == "__main__":
    sys.exit(answer("parity.pages.guide.run", "Run the code of the guide in one framework.", _answer))
