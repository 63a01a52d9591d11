"""The chapter's rate set by hand, "learning rate is now 0.10".

python reproduce/manual.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks import FRAMEWORKS, backend, quiet
from frameworks.arguments import Parser, framework, parse_rate
from reproduce.trainer.command import report_errors


def main(arguments: list[str] | None = None) -> int:
    """Set the rate between two updates; print the rate that was set and the rate that was applied."""
    parser = Parser(prog="manual.py", description="Set the rate by hand between two updates, as the chapter does.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--lr", type=parse_rate, default=0.1, metavar="RATE", help="the rate (default: 0.1)")
    chosen = parser.parse_args(arguments)

    def set_by_hand() -> int:
        quiet()
        reported, applied = backend(chosen.framework).demonstrate_set_rate(chosen.lr)
        digits = ".2f" if round(chosen.lr, 2) == chosen.lr else ".9g"  # the chapter prints two decimals
        print(f"learning rate is now {reported:{digits}}; the next update applied {applied:.9g}")
        return 0

    return report_errors(set_by_hand)


if __name__ == "__main__":
    sys.exit(main())
