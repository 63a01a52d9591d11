"""The effect of tolerances: the table in parity/README.md agrees with this run."""

from __future__ import annotations

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.blocks import extract_block, replace_block
from frameworks.schedule import lrs
from frameworks.whole_files import replace_whole
from parity.cases import CASES
from parity.gate.table import README
from parity.gate.test_parity import document
from parity.gate.tolerances import (
    BEGIN,
    END,
    RULES,
    build_table,
    compute_fine_tuning,
    list_missed_sequences,
    read_broken_sequences,
)

TEXT = README.parent / "parity" / "README.md"


def test_tolerance_table_is_current(runs, request):
    """Compare the table of tolerances in parity/README.md with this run; `--write-table` writes it."""
    current = build_table(read_broken_sequences({framework: document(runs, "broken", framework)
                                                 for framework in FRAMEWORKS}))
    text = TEXT.read_text(encoding="utf-8")
    if request.config.getoption("--write-table"):
        replace_whole({TEXT: replace_block(text, current, BEGIN, END).encode()})
    else:
        assert extract_block(text, BEGIN, END) == current, "not current; run: tox -e parity -- --write-table"


def test_bit_equality_lets_nothing_through():
    """Check that bit equality detects each mistake at the rates of a fine-tuning."""
    assert list_missed_sequences(compute_fine_tuning(), 0, 0) == []


def test_a_fine_tuning_has_low_rates():
    """Check that the rates of a fine-tuning are above 0 and at most 1e-3."""
    assert 0 < max(lrs(schedule, len(applied)).max() for schedule, applied in compute_fine_tuning().values()) <= 1e-3


def test_every_rule_accepts_what_is_right():
    """Check that each rule accepts the specified rates: it does not detect mistakes by refusing everything."""
    right = {name: (case.schedule, lrs(case.schedule, 100).astype(np.float32)[:, None]) for name, case in CASES.items()}
    for absolute, relative, _ in RULES.values():
        assert len(list_missed_sequences(right, absolute, relative)) == len(right)
