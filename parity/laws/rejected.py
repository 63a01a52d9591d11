"""Is each broken backend caught by its law, and by no law before? python -m parity.laws.rejected --framework torch

Prints one JSON document: for each broken backend the law that caught it first, and what that law found.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
import warnings
from functools import partial

from frameworks import FRAMEWORKS, quiet
from frameworks.arguments import Parser, framework
from parity.laws import broken_rates  # noqa: F401  (it registers)
from parity.laws.broken import BREAKING, Breaking
from parity.laws.run import LAWS, tried
from parity.laws.subject import Here, Subject
from parity.measure import tiny_updates

#: Examples of the law that must catch it, and of each law before that must not.
MUST, MUST_NOT = 40, 4
#: Always the same ones: what is tested here is the laws.
SEED = 1


def caught(subject: Subject, breaking: Breaking) -> dict[str, str | None]:
    """Return the first law that a broken backend fails, and what it found; None and None if it passes its own law.

    `applied` is left out: `observe` is not what is broken here, and the fixed cases try it on broken schedules.
    """
    wrong = breaking.wrap(subject.watched)
    subject = dataclasses.replace(subject, watched=wrong, elsewhere=Here(wrong))
    for law in list(LAWS)[1:]:
        found = tried(law, subject, MUST if law == breaking.law else MUST_NOT, SEED, shrink=False)["broken"]
        if found is not None:
            return {"law": law, "found": found["found"]}
        if law == breaking.law:
            break
    return {"law": None, "found": None}


def main() -> int:
    """Print what caught each broken backend of one framework."""
    parser = Parser(prog="python -m parity.laws.rejected", description=__doc__.splitlines()[0])
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args()
    quiet()
    tiny_updates()
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(sys.stderr):
        found = {name: partial(caught, Subject.of(chosen.framework))(breaking) for name, breaking in BREAKING.items()}
    print(json.dumps({"framework": chosen.framework, "broken": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
