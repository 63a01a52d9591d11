"""Tests every input that `explain` reads."""

from __future__ import annotations

import json

import pytest

from frameworks.schedule import Constant, Cosine, Factor, MultiFactor, Sequence, Warmup
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.search.causes import Cause
from parity.port import read_text

steps = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])
curve = Cosine(base_lr=0.3, final_lr=0.01, updates=15)
warm = Warmup(updates=5, then=curve)


def _drops(*rates_and_updates: float) -> Sequence:
    rates, updates = rates_and_updates[::2], rates_and_updates[1::2]
    return Sequence(parts=[Constant(base_lr=rate) for rate in rates], boundaries=updates)


def test_equal_rates_exit_0(run_explain):
    assert run_explain("a.json", "b.toml", a__json=steps, b__toml=_drops(0.5, 15, 0.25, 30, 0.125)) == (
        0, ["A: a.json", "B: b.toml", "75 updates compared: the same bits"])


def test_the_answer_in_words(run_explain):
    assert run_explain("a.json", "b.json", a__json=steps, b__json=_drops(0.5, 16, 0.25, 31, 0.125)) == (4, [
        "A: a.json", "B: b.json", "78 updates compared, 2 differ",
        "first difference: update 15: A 0.25 (3e800000), B 0.5 (3f000000)",
        "largest difference: 0.25, update 15: A 0.25 (3e800000), B 0.5 (3f000000)",
        "sum of rates: A 17.25, B 17.625, +0.375 (+2.17 %)",
        "cause: milestone one late: where A drops at each, B drops one update after",
        "  read on: README.md, 'a milestone m lowers the rate of update t ='",
        "or, with the same rates: one update late: B applies each rate one update after A",
        '  read on: README.md, "the first update uses its scheduler\'s value for"'])


def test_the_answer_as_json(run_explain):
    code, (printed,) = run_explain("a.csv", "b.csv", "--json", a__csv="lr\n0.5\n0.25\n", b__csv="lr\n0.5\n0.125\n")
    assert (code, json.loads(printed)) == (4, {
        "a": {"name": "a.csv", "updates": 2, "notes": []}, "b": {"name": "b.csv", "updates": 2, "notes": []},
        "updates": 2, "compared": 2, "digits": None, "unit": None, "differing": 1,
        "first": {"update": 1, "a": 0.25, "b": 0.125, "a_bits": "3e800000", "b_bits": "3e000000"},
        "largest": {"update": 1, "a": 0.25, "b": 0.125, "a_bits": "3e800000", "b_bits": "3e000000",
                    "difference": 0.125},
        "sum": {"a": 0.75, "b": 0.625, "difference": -0.125, "percent": -100 / 6},
        "causes": [], "together": False, "agreeing": {"from": 0, "to": 0, "updates": 1}, "note": None})


def test_a_constructor_is_read(run_explain):
    code, lines = run_explain("MultiStepLR(optimizer, [15, 30], 0.5)",
                            "PiecewiseConstantDecay([15, 30], [0.5, 0.25, 0.125])",
                            "--from-a", "torch", "--lr-a", "0.5", "--from-b", "tensorflow")
    assert (code, lines[2:5]) == (4, [
        "note on B: PiecewiseConstantDecay keeps the old value at its boundary: each drop comes one update later than "
        "with torch's MultiStepLR or Gluon's MultiFactorScheduler.",
        "78 updates compared, 2 differ", "first difference: update 15: A 0.25 (3e800000), B 0.5 (3f000000)"])
    gluon = "MultiFactorScheduler([15], 0.5, base_lr=0.5)"
    code, lines = run_explain(gluon, gluon, "--from-a", "mxnet", "--from-b", "mxnet", "--optimizer-b", "Adam()")
    assert (code, lines[-2]) == (4, "cause: base rate overwritten: each rate of B is 0.002 times A's")


#: Logs of the rates 0.5, 0.25, 0.125, 0.
LOGS = {
    "plain.csv": "lr\n0.5\n0.25\n0.125\n0\n",
    "from_0.csv": "Step,loss,Learning_Rate\n0,2.3,0.5\n1,2.2,0.25\n2,2.1,0.125\n3,2.0,-0.0\n",
    "from_1.csv": "update,rate\r\n1,0.5\r\n2,0.25\r\n3,0.125\r\n4,0\r\n",
    "gluon.csv": "\ufeffnum_update,lr\n1,5e-1\n\n2,0.25\n3,0.125\n4,0\n",
    "numbers.jsonl": "0.5\n0.25\n\n0.125\n0\n",
    "objects.jsonl": '{"t": 0, "lr": 0.5}\n{"lr": 0.25, "t": 1}\n{"t": 2, "lr": 0.125, "loss": 0}\n{"t": 3, "lr": 0}',
}


@pytest.mark.parametrize("name", LOGS)
def test_a_table_is_read(name, run_explain):
    specified = Sequence(parts=[Factor(base_lr=0.5, factor=0.5), Constant(base_lr=0.0)], boundaries=[3])
    code, lines = run_explain("a.json", name, a__json=specified, **{name.replace(".", "__"): LOGS[name]})
    assert (code, lines[2]) == (0, "4 updates compared: the same bits")


def test_updates_that_are_not_logged_are_not_compared(run_explain):
    files = {"a__json": Factor(base_lr=0.5, factor=0.5), "b__csv": "t,lr\n1,0.25\n3,0.0625\n"}
    assert run_explain("a.json", "b.csv", **files)[1] == ["A: a.json", "B: b.csv", "2 updates compared: the same bits"]


#: What MXNet's MultiFactorScheduler([15, 30], 0.3, base_lr=0.5) writes: 0.15 from its 16th update on, 0.045 from the
#: 31st.
TRAINING = ("INFO:root:Epoch[0] Batch [15] Speed: 9000.00 samples/sec\n"
            "INFO:root:Update[16]: Change learning rate to 1.50000e-01\n"
            "INFO:root:Update[31]: Change learning rate to 4.50000e-02\n")
logged_steps = MultiFactor(base_lr=0.5, factor=0.3, milestones=[15, 30])
NOTES = ["note on B: the log prints 6 digits, and no more are compared",
         "note on B: update 30 is the last that the log names"]


def test_a_training_log_is_read_from_its_first_line_on(run_explain):
    files = {"a__json": logged_steps, "b__log": TRAINING}
    same = "compared: the same to the 6 digits that are printed"
    assert run_explain("a.json", "b.log", **files) == (0, ["A: a.json", "B: b.log", *NOTES, f"16 updates {same}"])
    assert run_explain("a.json", "b.log", "--base-lr-b", "0.5")[1][-1] == f"31 updates {same}"
    assert run_explain("a.json", "b.log", "--base-lr-b", "0.5", "--updates", "80")[1][-1] == f"80 updates {same}"


def test_a_training_log_shows_a_milestone_one_early(run_explain):
    earlier = TRAINING.replace("[16]", "[15]").replace("[31]", "[30]")
    code, lines = run_explain("a.json", "b.txt", "--base-lr-b", "0.5", a__json=logged_steps, b__txt=earlier)
    assert (code, lines[4:6], lines[8]) == (
        4, ["30 updates compared, 2 differ", "first difference: update 14: A 0.5 (3f000000), B 0.15 (3e19999a)"],
        "cause: milestone one early: where A drops at each, B drops one update before")


def test_a_digit_of_a_training_log_is_found(run_explain):
    code, lines = run_explain("a.json", "b.log", a__json=logged_steps, b__log=TRAINING.replace("1.50000", "1.50001"))
    assert (code, lines[4], lines[-1]) == (4, "16 updates compared, 15 differ", "cause: not known")


def test_a_training_log_at_its_last_rate_continues_without_end(run_explain):
    floored = Factor(base_lr=0.5, factor=0.3, every=15, min_lr=0.02)
    log = TRAINING + "INFO:root:Update[46]: now learning rate arrived at 2.00000e-02, will not change in the future\n"
    code, lines = run_explain("a.json", "b.log", a__json=floored, b__log=log)
    assert (code, lines[2:]) == (0, [NOTES[0], "100 updates compared: the same to the 6 digits that are printed"])


def test_a_class_that_is_followed_for_some_rounds_is_compared_no_further(run_explain):
    """Its rates after 8 cycles of 4 updates differ from the specification, which is held then."""
    text = "CosineDecayRestarts(0.1, 4, t_mul=1.0, m_mul=1.5)"
    rounds = read_text(text, "tensorflow").schedule
    rates = [rounds.lr(t) for t in range(32)] + [0.05] * 28
    table = "update,lr\n" + "".join(f"{t},{rate!r}\n" for t, rate in enumerate(rates))
    options = ("--from-a", "tensorflow")
    code, lines = run_explain(text, "b.csv", *options, b__csv=table)
    assert (code, lines[-1]) == (0, "32 updates compared: the same bits")
    code, lines = run_explain(text, "b.csv", *options, "--updates", "60", b__csv=table)
    assert (code, lines[-1].split(": ", 2)[2]) == (2, "at most 32, as many as A has, got 60")


def test_a_long_round_is_read_as_far_as_updates_are_counted():
    assert read_text("CosineDecayRestarts(0.1, 1000, 100.0, 2.0)", "tensorflow").followed == 10101010101010 * 100


def test_where_to_read_on_is_there(root):
    for name in CATALOGUE:
        file, words = Cause(name, "").read.split(", ", 1)
        assert words[1:-1] in (root / file).read_text()


def test_a_restart_is_not_called_a_shift(run_explain):
    """The first 30 rates agree, so A does not apply each rate 30 updates before B."""
    wave = Cosine(base_lr=0.3, updates=100)
    rates = [wave.lr(t) for t in (*range(30), *range(70))]
    code, lines = run_explain("a.json", "b.csv", a__json=wave, b__csv="lr\n" + "".join(f"{rate}\n" for rate in rates))
    assert (code, lines[-2]) == (4, "cause: schedule restarted: B begins again at update 30: from there on its rate of "
                                    "update t is A's of t - 30")


def test_without_a_cause_the_largest_agreement_is_printed(run_explain):
    wave = Cosine(base_lr=0.3, updates=100)
    rates = [wave.lr(t) for t in (*range(30), *range(50))] + [0.07, 0.2, 0.05]
    code, lines = run_explain("a.json", "b.csv", a__json=wave, b__csv="lr\n" + "".join(f"{rate}\n" for rate in rates))
    assert (code, lines[-2:]) == (4, ["largest agreement: the first 30 updates; from 30 to 79 B is A begun again",
                                      "cause: not known"])


def test_a_warmup_is_not_missed_in_a_log_of_changes(run_explain):
    """MXNet's log has no rate of a warm-up, so the difference is not a mistake of the training."""
    kept = Warmup(updates=5, clock="keep", then=logged_steps)
    code, lines = run_explain("a.json", "b.log", "--base-lr-b", "0.5", a__json=kept, b__log=TRAINING)
    assert (code, lines[-2]) == (4, "cause: warm-up not in the log: B is a log of changes, which shows no warm-up: the "
                                    "rates before its first line are those of --base-lr, not applied ones")
