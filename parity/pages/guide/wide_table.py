"""Builds the table of all kinds in all frameworks: frameworks/PORTING_TABLE.md."""

from __future__ import annotations

from frameworks import FRAMEWORKS
from parity.pages.guide import halve
from parity.pages.guide.docstrings import read_paragraphs
from parity.pages.guide.examples import EXAMPLES
from parity.pages.guide.kinds import MADE_BY, NAMES, TEXT, describe_distance, find_built_in, find_class, format_table
from parity.pages.guide.measured import GuideError, Measured
from parity.pages.guide.optax_record import read_record
from parity.port.write import TARGETS

#: The file that compares with t + 1: it was read, not run here.
TIMM = "https://github.com/huggingface/pytorch-image-models/blob/main/timm/scheduler/multistep_lr.py"


def build_page(results: Measured) -> str:
    """Return the page."""
    lines = [MADE_BY, "", "# All kinds in all frameworks", "",
             "The built-in class for the example on each kind's page, and how far its rates are from the specified "
             'ones. "None": `port` writes no built-in class for it. Every page also has self-contained code, which '
             "is exact in all four frameworks. [The porting guide](PORTING.md) starts from your class.", "",
             *_tabulate_kinds(results), "", "## Halve the rate at 15", "", *_tabulate_halving(results), "",
             "## Versions and rounding", "", *_describe_versions(results), ""]
    return "\n".join(lines)


def _tabulate_kinds(results: Measured) -> list[str]:
    rows = []
    for kind, example in EXAMPLES.items():
        cells = []
        for target in TARGETS:
            spelling = find_built_in(example.schedule, target)
            cells.append("none" if spelling is None else
                         f"`{find_class(spelling.code)}`: "
                         f"{describe_distance(example.schedule, target, spelling, results)}")
        rows.append([f"[{kind}](porting/{kind}.md)", read_paragraphs(kind)[0].rstrip("."), *cells])
    return format_table(["kind", "description", *(NAMES[target] for target in TARGETS)], rows)


def _tabulate_halving(results: Measured) -> list[str]:
    rows = []
    for (framework, constructor), run in halve.list_runs().items():
        applied = results[run].applied
        first = next(t for t, rate in enumerate(applied) if rate < applied[0])
        source = "measured; Gluon's condition `num_update > 15`, without Gluon's count from 1" if (
            "> 15" in constructor) else "measured"
        rows.append([NAMES[framework], f"`{constructor}`", f"**{first}**", source])
    off = read_record()["off"][halve.OPTAX_HALVED]
    if off["ulp"]:
        raise GuideError(f"optax does not halve the rate at {halve.HALVED.milestones[0]}, as the table has it")
    rows.append(["optax", "`piecewise_constant_schedule(0.5, {15: 0.5})`", f"**{halve.HALVED.milestones[0]}**",
                 "measured in a separate environment"])
    rows.append(["timm", "`MultiStepLRScheduler(optimizer, [15], 0.5, t_in_epochs=False)`", "**14**",
                 f"read in [version 1.0.31]({TIMM}), not measured: it compares with t + 1; commit 0514e98 of timm "
                 "compares with t, so check your version"])
    return ["The first update at the lower rate, counted from 0.", "",
            *format_table(["framework", "code", "first lower update", "source"], rows)]


def _describe_versions(results: Measured) -> list[str]:
    record = read_record()
    names = [f"{NAMES[framework]}: {framework} {results.versions[framework]}" for framework in FRAMEWORKS]
    return ["; ".join([*names, f"optax {record['optax']} with jax {record['jax']}"]) + ".", "",
            (TEXT / "versions.txt").read_text(encoding="utf-8").strip()]
