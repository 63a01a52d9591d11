"""Check that each mistake is detected by its law, and by no earlier one: python -m parity.gate.laws.rejected

Needs `--framework torch`, for example. Prints one JSON document: for each mistake the first law that detected it, and
the message of that law.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
import warnings
from functools import partial

from frameworks import FRAMEWORKS, quiet
from frameworks.arguments import Parser, framework, run_main
from parity.cases import CASES
from parity.gate.laws import broken_rates, laws  # noqa: F401  (the first registers)
from parity.gate.laws.broken import BREAKING
from parity.gate.laws.expected import ViolationError
from parity.gate.laws.run import LAWS, try_law
from parity.gate.laws.subject import Here, Subject
from parity.measuring.measure import disable_mxnet_threads
from parity.mistakes.record import Mistake

#: The number of examples of the law that must detect a mistake, and of each earlier law, which must not.
MUST, MUST_NOT = 120, 4
#: The case in which a mistake of resuming is also tested after each update.
RESUMED = "warmup_cosine"
#: The seed of the examples: always the same, since this tests the laws.
SEED = 1


def find_broken_law(subject: Subject, breaking: Mistake) -> dict[str, str | None]:
    """Return the first law that a mistake breaks, and its message; None and None if it passes the law named by `where`.

    `everywhere` is the message of resuming a fixed case after each update, for a mistake of resuming. The law `applied`
    is the slowest, and is only tried for a mistake in `observe`.
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
        except ViolationError as violation:
            everywhere = str(violation)
    for law in laws_tried:
        broken = try_law(law, subject, MUST if law == breaking.where else MUST_NOT, SEED, shrink=False)["broken"]
        if broken is not None:
            return {"law": law, "found": broken["found"], "everywhere": everywhere}
    return {"law": None, "found": None, "everywhere": everywhere}


def main(arguments: list[str] | None = None) -> int:
    """Print which law detected each mistake in one framework."""
    parser = Parser(prog="python -m parity.gate.laws.rejected",
                    description="Check that each mistake is detected by its law, and by no earlier one.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args(arguments)
    quiet()
    disable_mxnet_threads()
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(sys.stderr):
        broken = {name: partial(find_broken_law, Subject.from_framework(chosen.framework))(breaking) for name,
                  breaking in BREAKING.items()}
    print(json.dumps({"framework": chosen.framework, "broken": broken}))
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
