"""Checks the table of results against the records, and the records against the scripts."""

from __future__ import annotations

import json
import re

import pytest

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits
from frameworks.schedule import lrs
from frameworks.schedule.union import ADAPTER
from frameworks.weights import compute_digest, draw_first_weights
from reproduce.chapter import EXPERIMENTS
from reproduce.results import __main__ as results
from reproduce.trainer.batches import draw_batches, draw_fixed_batches
from reproduce.trainer.errors import OutputError
from reproduce.trainer.experiment import BOOK_DRAWS
from reproduce.trainer.rates import expand_rates

RECORDS = results.read_records()


def test_the_table_is_current(tmp_path, monkeypatch, capsys):
    """A table with another number is not current."""
    assert results.main(["--check"]) == 0
    text = results.README.read_text(encoding="utf-8")
    monkeypatch.setattr(results, "README", tmp_path / "README.md")
    results.README.write_text(text.replace("| described | constant |", "| described | other |", 1), encoding="utf-8")
    assert results.main(["--check"]) == 4
    line = capsys.readouterr().out
    assert re.fullmatch(r"README.md is not current from line \d+: python -m reproduce.results\n", line)
    assert results.main([]) == 0
    assert results.README.read_text(encoding="utf-8") == text


def test_every_run_is_there():
    found = [(record["variant"], record["experiment"], record["framework"]) for record in RECORDS]
    described = [("described", one.name, framework) for one in EXPERIMENTS for framework in FRAMEWORKS]
    printed = [("printed", one.name, framework) for one in EXPERIMENTS if one.printed for framework in FRAMEWORKS]
    assert found == described + printed
    assert len(found) == 7 * 3 + 5 * 3


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: "-".join(
    record[key] for key in ("variant", "experiment", "framework")))
def test_a_record_is_of_the_specified_training(record):
    """Checks its schedule, 30 epochs, the data, the weights, the order of the batches, and every change of the rate."""
    (experiment,) = (one for one in EXPERIMENTS if one.name == record["experiment"])
    schedule = experiment.build_schedule(record["variant"], record["framework"])
    assert ADAPTER.validate_python(record["schedule"]) == schedule
    assert (record["seed"], record["threads"], "cpu" in record["device"].lower()) == (0, 1, True)
    assert [epoch["updates"] for epoch in record["epochs"]] == [235] * 30
    if record["variant"] == "described":
        assert record["first_weights_sha256"] == compute_digest(draw_first_weights(0).values())
    fixed = (record["variant"], record["framework"]) == ("printed", "tensorflow")
    for number in (0, 29):
        order = (draw_fixed_batches if fixed else draw_batches)(0, number, 60000)
        assert record["epochs"][number]["batches_sha256"] == compute_digest(order)
    expected = [format_bits(rate) for rate in lrs(schedule, 30 * 235)]
    changes = [(update, rate) for update, rate in enumerate(expected) if not update or rate != expected[update - 1]]
    updates, rates = expand_rates(record)
    assert list(zip(updates.tolist(), map(format_bits, rates))) == changes
    assert experiment.find_book_draw(record["variant"], record["framework"]) in (None, record["first_weights_sha256"])
    assert "other first weights" not in results.build_table([record], {})


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
@pytest.mark.parametrize("variant", ["described", "printed"])
def test_the_chapters_figures_are_current(variant, experiment, tmp_path):
    """reproduce/chapter.py drew them; the records are drawn again here."""
    from reproduce.trainer.figures import draw_chapter

    runs = {record["framework"]: record for record in RECORDS
            if (record["variant"], record["experiment"]) == (variant, experiment.name)}
    kept = results.RUNS / f"{experiment.name}-all-seed0{'-printed' * (variant == 'printed')}.svg"
    assert kept.exists() == bool(runs) == bool(variant == "described" or experiment.printed)
    if runs:
        draw_chapter(runs, tmp_path / "new.svg")
        assert (tmp_path / "new.svg").read_bytes() == kept.read_bytes()


def test_the_verdict_can_be_outside():
    record = json.loads(json.dumps(RECORDS[0]))
    record["epochs"][-1] |= {"train_loss": 9.0, "test_accuracy": 0.5}
    record["dead"] = True
    line = results.build_table([record], results.read_published()).splitlines()[-1]
    assert line.count("outside") == 2
    for epoch in record["epochs"][3:10]:
        epoch["train_loss"] = 2.3
    assert "| **7 of 30 epochs**; 4 of 49 runs |" in results.build_table([record], results.read_published())
    record["dead"] = False
    assert "| 7 of 30 epochs; 4 of 49 runs |" in results.build_table([record], results.read_published())


def test_other_first_weights_are_named():
    (record,) = (record for record in RECORDS if (record["variant"], record["framework"], record["experiment"]) == (
        "printed", "mxnet", "constant"))
    for sha256, cell in ((BOOK_DRAWS[0], "mxnet"), (BOOK_DRAWS[1], "mxnet, other first weights")):
        assert f"| {cell} |" in results.build_table([record | {"first_weights_sha256": sha256}], {})


def test_the_published_numbers_are_those_counted_by_hand():
    book = results.read_published()
    assert {key: len(rows) for key, rows in book.items()} == {
        (name, framework): 45 if framework == "tensorflow" else 49
        for name in ("constant", "square_root", "multi_factor", "cosine", "warmup") for framework in FRAMEWORKS}
    dead = [row for rows in book.values() for row in rows if float(row["train_loss"]) >= results.DEAD]
    assert [(row["experiment"], row["framework"]) for row in dead] == [("constant", "mxnet")] * 4


@pytest.mark.parametrize(("text", "message"), [
    ("{", "not a record of a run: not json"),
    (json.dumps(RECORDS[0] | {"experiment": "mine"}), "not an experiment of the chapter: 'mine'"),
    (json.dumps(RECORDS[0] | {"epochs": 30}), "not a record of a run: epochs: input should be a valid list"),
    (json.dumps(RECORDS[0] | {"more": 30}), "not a record of a run: more: extra inputs are not permitted"),
])
def test_a_file_that_is_not_a_record_of_the_chapter_is_named(text, message, tmp_path):
    """Older records, without `resumed`, are read."""
    path = tmp_path / "cosine" / "record.json"
    path.parent.mkdir()
    older = {key: value for key, value in RECORDS[0].items() if key != "resumed"}
    path.write_text(json.dumps(older))
    assert results.read_records(tmp_path) == [older]
    path.write_text(text)
    with pytest.raises(OutputError, match=f"^{path}: {message}"):
        results.read_records(tmp_path)
