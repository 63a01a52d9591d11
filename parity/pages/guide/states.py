"""How to carry a Gluon training over: prose, and code that tests run in the real frameworks."""

from __future__ import annotations

from parity.pages.guide.epochs import CODE
from parity.pages.guide.kinds import TEXT


def states() -> list[str]:
    """Return the lines of the part about Gluon's states."""
    code = {path.stem: path.read_text(encoding="utf-8").strip() for path in CODE.glob("*.py")}
    return [(TEXT / "states.txt").read_text(encoding="utf-8").strip().format(**code)]
