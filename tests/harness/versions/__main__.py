"""Measures the table of versions: python -m tests.harness.versions [--rows NAME ...] [--ci] [--jobs N] [--write]

Exit codes: 0 if every row applied the recorded rates, 2 if a row could not be installed or run, 4 if a row differs.
"""

from __future__ import annotations

import sys
import threading
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from frameworks.arguments import Parser, parse_count
from frameworks.blocks import replace_block
from frameworks.exit_codes import FAILED
from tests.harness.versions.measuring import ROOT, RowError, build_wheel, measure_row
from tests.harness.versions.rows import Row, build_summary, build_table, read_measured, read_rows, write_measured

BEGIN = "<!-- made by: tox -e versions -- --write -->"
END = "<!-- end of the table of versions -->"
#: The pages that have a table, and the function that lays it out.
PAGES = {ROOT / "README.md": build_summary, ROOT / "requirements" / "README.md": build_table}
_WRITING = threading.Lock()
#: Entries that must be the same when a row is measured again; times and the laws' number of rates may differ.
_COMPARED = ("version", "cases", "updates", "differences", "misreported", "edges", "built_in")


def main(arguments: list[str] | None = None) -> int:
    """Measure the chosen rows, print a line for each, and return the exit code."""
    parser = Parser(prog="python -m tests.harness.versions", description="Measure which releases apply the same rates.")
    parser.add_argument("--rows", nargs="+", metavar="TEXT", default=[],
                        help="only rows whose name contains a TEXT (default: all)")
    parser.add_argument("--ci", action="store_true", help="only the oldest and newest releases, as CI does")
    parser.add_argument("--without-laws", action="store_true", help="only the fixed cases")
    parser.add_argument("--jobs", type=parse_count, default=2, metavar="N",
                        help="rows measured at the same time (default: 2)")
    parser.add_argument("--write", action="store_true", help="write measured.json and the tables of the READMEs")
    chosen = parser.parse_args(arguments)
    rows = [row for row in read_rows() if (row.ci or not chosen.ci)
            and (not chosen.rows or any(text in row.name for text in chosen.rows))]
    if not rows:
        parser.error(f"argument --rows: no row's name contains {' or '.join(chosen.rows)}")
    with TemporaryDirectory() as folder, ThreadPoolExecutor(chosen.jobs) as pool:
        wheel = build_wheel(Path(folder))
        codes = list(pool.map(lambda row: _measure(row, wheel, chosen), rows))
    if chosen.write:
        for page, layout in PAGES.items():
            text = page.read_text(encoding="utf-8")
            page.write_text(replace_block(text, layout(read_measured()), BEGIN, END), encoding="utf-8")
    return max(codes)


def _measure(row: Row, wheel: Path, chosen: Namespace) -> int:
    try:
        seen = measure_row(row, wheel, with_laws=not chosen.without_laws)
    except RowError as error:
        print(f"{row.name}: not measured: {error}", file=sys.stderr, flush=True)
        return 2
    equal = seen["cases"] - len(seen["differences"])
    laws = f", laws: {seen['laws']['rates']:,} rates, {len(seen['laws']['broken'])} broken" if seen["laws"] else ""
    print(f"{row.name}: {equal} of {seen['cases']} equal{laws}; {seen['installed_s']} s + {seen['measured_s']} s",
          flush=True)
    if chosen.write:
        with _WRITING:
            write_measured({**read_measured(), row.name: seen})
        return 0
    return compare_with_record(row, seen, read_measured().get(row.name))


def compare_with_record(row: Row, seen: dict, recorded: dict | None) -> int:
    """Return 0 if a row was measured as recorded, else print each difference and return 4."""
    if recorded is None:
        print(f"{row.name}: is not in measured.json: tox -e versions -- --write", file=sys.stderr)
        return FAILED
    lines = [f"{row.name}: {key}: recorded {recorded[key]}, measured {seen[key]}" for key in _COMPARED
             if recorded[key] != seen[key]]
    if seen["laws"] and recorded["laws"] and seen["laws"]["broken"] != recorded["laws"]["broken"]:
        lines.append(f"{row.name}: laws broken: recorded {recorded['laws']['broken']}, measured "
                     f"{seen['laws']['broken']}: {seen['laws']['found']}")
    print(*lines, sep="\n", end="\n" * bool(lines), file=sys.stderr)
    return FAILED if lines else 0


if __name__ == "__main__":
    sys.exit(main())
