"""Builds the table of all kinds in all frameworks: frameworks/PORTING_TABLE.md."""

from __future__ import annotations

from frameworks import FRAMEWORKS
from parity.pages.guide.docstrings import paragraphs
from parity.pages.guide.examples import EXAMPLES
from parity.pages.guide.kinds import MADE_BY, NAMES, TEXT, class_of, native, said, table
from parity.pages.guide.measured import Measured
from parity.pages.guide.optax_record import recorded
from parity.port.write import TARGETS


def build_page(results: Measured) -> str:
    """Return the page."""
    lines = [MADE_BY, "", "# All kinds in all frameworks", "",
             "The built-in class for the example on each kind's page, and how far its rates are from the specified "
             "ones. \"None\": no built-in class applies it. Every page also has self-contained code, which is exact in "
             "all four frameworks. [The porting guide](PORTING.md) starts from your class.", "",
             *_tabulate_kinds(results), "", "## Versions and rounding", "", *_describe_versions(results), ""]
    return "\n".join(lines)


def _tabulate_kinds(results: Measured) -> list[str]:
    rows = []
    for kind, example in EXAMPLES.items():
        cells = []
        for target in TARGETS:
            spelling = native(example.schedule, target)
            cells.append("none" if spelling is None else
                         f"`{class_of(spelling.code)}`: {said(example.schedule, target, spelling, results)}")
        rows.append([f"[{kind}](porting/{kind}.md)", paragraphs(kind)[0].rstrip("."), *cells])
    return table(["kind", "description", *(NAMES[target] for target in TARGETS)], rows)


def _describe_versions(results: Measured) -> list[str]:
    record = recorded()
    names = [f"{NAMES[framework]}: {framework} {results.versions[framework]}" for framework in FRAMEWORKS]
    return ["; ".join([*names, f"optax {record['optax']} with jax {record['jax']}"]) + ".", "",
            (TEXT / "versions.txt").read_text(encoding="utf-8").strip()]
