"""Tests training with a schedule from a file, and the base rate of --lr: rates, folders, resuming, mistakes."""

from __future__ import annotations

import json

import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import Constant, Cosine, Hold, Shift, Warmup, dumps, lrs, write
from frameworks.schedule.union import ADAPTER
from reproduce import chapter, train
from reproduce.trainer import command, experiment, rates
from reproduce.trainer import run as running
from reproduce.trainer.manifest import read_record
from reproduce.trainer.rates import expand_rates
from tests.harness.kills import read_final_state

#: Four updates an epoch: a rate for each of twelve.
MINE = Warmup(updates=3, then=Cosine(base_lr=0.1, final_lr=0.01, updates=30))


@pytest.fixture
def train_file(images, monkeypatch, tmp_path):
    """Return the command on the small images, in an empty folder with mine.json; epochs of four updates."""
    monkeypatch.setattr(running, "load", lambda folder, offline: images)
    monkeypatch.setattr(experiment, "EPOCH", 4)
    monkeypatch.chdir(tmp_path)
    write(MINE, "mine.json")

    def run(framework, *arguments, file="mine.json"):
        return train.main(["--schedule", file, "--framework", framework, "--epochs", "3", "--device", "cpu",
                           "--quiet", *arguments])

    return run


def name(schedule, per="update", stem="mine"):
    return train.build_experiment(train.Path(f"{stem}.json"), schedule, per).name


@pytest.mark.parametrize("per", ["epoch", "update"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_schedule_from_a_file_is_applied(framework, per, train_file, monkeypatch, tmp_path):
    """Rates of each update are those of the specification, in a folder and a record like those of the chapter."""
    monkeypatch.setattr(rates, "LISTED", 2)  # of four updates, so that they are a run
    assert train_file(framework, "--per", per) == 0
    folder = tmp_path / "runs" / f"{name(MINE, per)}-{framework}-seed0"
    record = read_record(folder / "record.json")
    schedule = Hold(updates=4, of=MINE) if per == "epoch" else MINE
    assert ADAPTER.validate_python(record["schedule"]) == schedule
    updates, found = expand_rates(record)
    expected = lrs(schedule, 12).astype("float32").astype(float).tolist()
    assert dict(zip(updates.tolist(), found.tolist())) == {
        update: rate for update, rate in enumerate(expected) if not update or rate != expected[update - 1]}
    assert len(record["applied_rates"]) == (3 if per == "epoch" else 1)
    assert record["command"] == (f"python reproduce/train.py --schedule mine.json --per {per} --framework {framework} "
                                 "--variant described --epochs 3 --seed 0 --device cpu")
    assert (record["schedule_file"], record["per"], record["lr"], record["finished"]) == ("mine.json", per, None, True)
    assert f"mine.json, per {per}, seed 0, {framework}".encode() in (folder / "figure.svg").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoints", "figure.png", "figure.svg", "record.json"]


def test_a_stopped_run_continues_and_ends_the_same(train_file, stopped_at, tmp_path, capsys):
    """With another schedule, in the same file, it has another folder, and does not continue this one."""
    assert train_file("torch", "--out", "whole") == 0
    stopped_at("count_update", 6)
    assert train_file("torch", "--out", "parts") == 143
    assert train_file("torch", "--out", "parts", "--resume", "auto") == 0
    assert read_final_state(tmp_path / "parts") == read_final_state(tmp_path / "whole")
    assert train_file("torch", "--out", "parts", "--resume", "auto", "--lr", "0.2") == 6
    assert "the checkpoint is of another schedule: at update 12 its rate is" in capsys.readouterr().err
    write(Constant(base_lr=0.1), "mine.json")
    assert train_file("torch", "--out", "parts", "--resume", "auto") == 6
    assert f"experiment of the checkpoint is '{name(MINE)}', expected " in capsys.readouterr().err


def test_the_same_schedule_in_toml_has_the_same_folder(train_file, tmp_path):
    (tmp_path / "mine.toml").write_text(dumps(MINE, "toml"))
    assert train_file("torch", "--dry-run") == 0
    assert train_file("torch", "--dry-run", file="mine.toml") == 0
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [f"{name(MINE)}-torch-seed0-dry-run"]


def test_no_two_trainings_share_a_name():
    """Nor does one have the name of an experiment of the chapter."""
    other = MINE.model_copy(update={"updates": 4})
    names = [name(MINE), name(MINE, "epoch"), name(other), name(MINE, stem="cosine"), name(MINE, stem="mine-2"),
             *(one.name for one in chapter.EXPERIMENTS)]
    assert len(set(names)) == len(names)
    assert name(MINE, stem="x" * 300).startswith("x" * 60 + "-")
    assert name(MINE, stem="größe $1").startswith("gr__e__1-")


def test_mistakes_in_the_file_are_a_line_each(run, tmp_path):
    (tmp_path / "bad.json").write_text(json.dumps({"kind": "warmup", "updates": -1, "then": {
        "kind": "cosine", "base_lr": "x", "updates": 3, "more": 1}}))
    result = run("reproduce/train.py", "--schedule", tmp_path / "bad.json", "--framework", "torch", cwd=None)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"{tmp_path}/bad.json: updates: must be at least 1, got -1",
        f'{tmp_path}/bad.json: then.base_lr: must be a number, got "x"',
        f"{tmp_path}/bad.json: then.more: unknown field; must be one of kind, base_lr, final_lr, updates, got 1"]


@pytest.mark.parametrize(("arguments", "message"), [
    (["--schedule", "absent.json"], "absent.json: no such file or directory"),
    (["--schedule", "mine.yaml"], "mine.yaml: the name must end in .json or .toml"),
    (["--variant", "printed"], f"variant printed: the book prints no training of {name(MINE)}"),
    (["--per", "day"], "train.py: argument --per: must be one of epoch, update, got 'day'"),
    (["--lr", "-1"], "train.py: argument --lr: must be a rate from 0 to 1e+37, got '-1'"),
    (["--lr", "nan"], "train.py: argument --lr: must be a rate from 0 to 1e+37, got 'nan'"),
    (["--lr", "fast"], "train.py: argument --lr: must be a rate from 0 to 1e+37, got 'fast'"),
    (["--schedule", "deep.json", "--per", "epoch"],
     "deep.json: must be nested at most 62 deep to train per epoch, got 63"),
    (["--schedule", "none.json", "--lr", "1"],
     "train.py: argument --lr: none.json: must be the schedule's only base rate, but it has no base_lr"),
    (["--schedule", "two.json", "--lr", "1"], "train.py: argument --lr: two.json: must be the schedule's only base "
     "rate, but its base rates are of[0].base_lr, of[1].base_lr")])
def test_mistakes_are_one_line_and_exit_2(arguments, message, train_file, capsys, tmp_path):
    deep = Constant(base_lr=0.1)
    for _ in range(62):
        deep = Shift(by=1, of=deep)
    write(deep, "deep.json")
    (tmp_path / "none.json").write_text('{"kind": "piecewise", "values": [0.1, 0.2], "boundaries": [5]}')
    (tmp_path / "two.json").write_text(json.dumps({"kind": "sum", "of": [{"kind": "constant", "base_lr": 0.1}] * 2}))
    try:
        code = train_file("torch", *arguments)
    except SystemExit as end:
        code = end.code
    assert (code, capsys.readouterr().err) == (2, f"{message}\n")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("chosen", chapter.EXPERIMENTS, ids=lambda one: one.name)
def test_another_base_rate_is_the_only_change(chosen, monkeypatch):
    """--lr replaces base_lr, and no other rate; the folder and the command name it."""
    started = []
    monkeypatch.setattr(command, "run", lambda one, options: started.append((one, options)) or 0)
    assert command.main(chosen, ["--framework", "torch", "--lr", "0.25"]) == 0
    (changed, options), = started
    before, after = (one.schedule.model_dump_json() for one in (chosen, changed))
    rate = {"square_root": "0.1", "multi_factor": "0.5"}.get(chosen.name, "0.3")
    assert after == before.replace(f'"base_lr":{rate}', '"base_lr":0.25') != before
    assert str(options.out) == f"runs/{chosen.name}-torch-seed0-lr0.25"
    assert chosen.schedule.model_dump_json() == before


def test_a_base_rate_below_the_lowest_rate_is_refused(capsys, tmp_path):
    """The chapter is refused as a whole, before its first training."""
    for run in (lambda given: command.main(chapter.EXPERIMENTS[2], ["--framework", "torch", *given]),
                lambda given: chapter.main(["--out", str(tmp_path / "runs"), *given])):
        with pytest.raises(SystemExit) as ended:
            run(["--lr", "0.001"])
        assert ended.value.code == 2
        assert capsys.readouterr().err.endswith(
            ".py: argument --lr: factor: min_lr: must be at most base_lr (0.001), got 0.01\n")
        with pytest.raises(SystemExit):
            run(["--lr", "0.1", "--variant", "printed"])
        assert capsys.readouterr().err.endswith(
            ".py: argument --lr: the printed variant has the rates of the book's code only\n")
    assert list(tmp_path.iterdir()) == []
