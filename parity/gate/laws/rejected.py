"""Is each broken backend caught by its law, and by no law before? python -m parity.gate.laws.rejected --framework torch

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
from frameworks.arguments import Parser, exit_code, framework
from parity.cases import CASES
from parity.gate.laws import broken_rates, laws  # noqa: F401  (the first registers)
from parity.gate.laws.broken import BREAKING
from parity.gate.laws.expected import Violation
from parity.gate.laws.run import LAWS, tried
from parity.gate.laws.subject import Here, Subject
from parity.measuring.measure import tiny_updates
from parity.mistakes.record import Mistake

#: Examples of the law that must catch it, and of each law before that must not.
MUST, MUST_NOT = 120, 4
#: What is resumed is also resumed everywhere in this case.
RESUMED = "warmup_cosine"
#: Always the same ones: what is tested here is the laws.
SEED = 1


def caught(subject: Subject, breaking: Mistake) -> dict[str, str | None]:
    """Return the first law that a broken backend fails, and what it found; None and None if it passes its own law.

    `everywhere` is what resuming a fixed case everywhere found in a backend that does not resume. `applied` is only
    tried where `observe` is what is broken: it is the slowest.
    """
    assert breaking.make is not None  # `breaks` registers no other
    if breaking.where == "applied":
        subject, laws_tried = dataclasses.replace(subject, observe=breaking.make(subject.observe)), ["applied"]
    else:
        wrong = breaking.make(subject.watched)
        subject = dataclasses.replace(subject, watched=wrong, elsewhere=Here(wrong))
        laws_tried = list(LAWS)[1:list(LAWS).index(breaking.where) + 1]
    everywhere = None
    if breaking.where == "resume":
        try:
            laws.resume_everywhere(subject, CASES[RESUMED].schedule, CASES[RESUMED].updates)
        except Violation as violation:
            everywhere = str(violation)
    for law in laws_tried:
        found = tried(law, subject, MUST if law == breaking.where else MUST_NOT, SEED, shrink=False)["broken"]
        if found is not None:
            return {"law": law, "found": found["found"], "everywhere": everywhere}
    return {"law": None, "found": None, "everywhere": everywhere}


def main(arguments: list[str] | None = None) -> int:
    """Print what caught each broken backend of one framework."""
    parser = Parser(prog="python -m parity.gate.laws.rejected",
                    description="Check that each broken backend is caught by its law, and by no law before.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args(arguments)
    quiet()
    tiny_updates()
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(sys.stderr):
        found = {name: partial(caught, Subject.of(chosen.framework))(breaking) for name, breaking in BREAKING.items()}
    print(json.dumps({"framework": chosen.framework, "broken": found}))
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(main))
