"""Tests that a checkpoint of another run is refused, a damaged one is skipped, and none is overwritten."""

from __future__ import annotations

import pytest

from frameworks.schedule import Constant
from reproduce.trainer import checkpoint
from tests.harness.kills import read_final_state


@pytest.mark.parametrize(("arguments", "options", "message"), [
    ([], {"per_epoch": Constant(base_lr=0.25)}, "parts: the checkpoint is of another schedule: at update 6 its rate is "
                                                "0.0977975432, expected 0.25"),
    (["--seed", "1"], {}, "parts: seed of the checkpoint is 0, expected 1"),
    ([], {"name": "mine"}, "parts: experiment of the checkpoint is 'cosine', expected 'mine'"),
    (["--variant", "printed"], {}, "parts: variant of the checkpoint is 'described', expected 'printed'"),
    ([], {"epochs": 1}, "parts: the checkpoint has 1 epochs, expected 1"),
])
def test_a_checkpoint_of_another_run_is_refused(arguments, options, message, short_run, stopped_at, tmp_path, capsys):
    stopped_at("count_update", 6)
    assert short_run("torch", "parts") == 143
    capsys.readouterr()
    for where in ("auto", "parts"):
        out = {"auto": "parts", "parts": "other"}[where]
        before = (tmp_path / "parts/checkpoints/manifest.json").read_bytes()
        assert short_run("torch", out, "--resume", where, *arguments, **options) == 6
        assert capsys.readouterr().err == message + "\n"
        assert (tmp_path / "parts/checkpoints/manifest.json").read_bytes() == before


def test_what_is_printed_goes_on_in_its_own_framework_only(short_run, stopped_at, capsys):
    """This is so even if the rates are the same: the network and the batches differ."""
    same = {"per_epoch": Constant(base_lr=0.3)}
    stopped_at("count_update", 6)
    assert short_run("torch", "parts", "--variant", "printed", **same) == 143
    capsys.readouterr()
    assert short_run("tensorflow", "other", "--variant", "printed", "--resume", "parts", **same) == 6
    assert capsys.readouterr().err == "parts: framework of the checkpoint is 'torch', expected 'tensorflow'\n"


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("place", [("count_update", 6), ("pause", 2)])
def test_a_damaged_checkpoint_is_passed_over(place, short_run, stopped_at, tmp_path, capsys):
    assert short_run("torch", "whole") == 0
    stopped_at(*place)
    assert short_run("torch", "parts", "--checkpoint-every", "1") == 143
    files = sorted((tmp_path / "parts/checkpoints").glob("*.safetensors"))
    assert len(files) == 2
    damage(files[-1])
    capsys.readouterr()
    assert short_run("torch", "parts", "--resume", "auto") == 0
    printed = capsys.readouterr()
    said = [line for line in printed.err.splitlines() if "SHA-256" in line]
    assert len(said) == 1
    assert said[0].startswith(f"parts/checkpoints/{files[-1].name}: SHA-256 is ")
    assert said[0].endswith("; continuing from the checkpoint before it")
    assert f"continuing after update {int(files[0].name[7:16])}\n" in printed.out
    assert read_final_state(tmp_path / "parts") == read_final_state(tmp_path / "whole")
    damaged = sorted((tmp_path / "parts/checkpoints").glob("*.safetensors"))
    for path in damaged:
        damage(path)
    assert short_run("torch", "parts", "--resume", "auto") == 6
    assert capsys.readouterr().err.count("SHA-256 is ") == 2


def test_a_damaged_checkpoint_is_not_kept_in_place_of_a_whole_one(short_run, stopped_at, tmp_path):
    """The newest, of update 6, is damaged. Saving update 5 again removes it, and what remains is whole."""
    stopped_at("count_update", 6)
    assert short_run("torch", "parts", "--checkpoint-every", "1") == 143
    damage(max((tmp_path / "parts/checkpoints").glob("*.safetensors")))
    found, wrong = checkpoint.load(tmp_path / "parts")
    assert (found.update, len(wrong)) == (5, 1)
    checkpoint.save(found, tmp_path / "parts")
    assert [path.name[:16] for path in (tmp_path / "parts/checkpoints").glob("*.safetensors")] == ["update-000000005"]
    assert checkpoint.load(tmp_path / "parts")[1] == []


def test_a_checkpoint_is_never_written_over_before_the_manifest_is(short_run, monkeypatch, stopped_at, tmp_path):
    """The last update of an epoch has two checkpoints: before and after its evaluation. The process ends between two
    files.
    """
    replace, written = checkpoint.replace_whole, []

    def read_exit_code(path, content):
        if path.name == "manifest.json" and written.count(path.name) == 1:
            raise SystemExit(9)
        written.append(path.name)
        replace(path, content)

    monkeypatch.setattr(checkpoint, "replace_whole", read_exit_code)
    with pytest.raises(SystemExit):
        short_run("torch", "parts", "--checkpoint-every", "4")
    found, wrong = checkpoint.load(tmp_path / "parts")
    assert (found.update, len(found.epoch.losses), wrong) == (4, 4, [])
    assert len({name for name in written if name.startswith("update")}) == 2


def test_a_dry_run_leaves_no_checkpoint_when_it_is_stopped(short_run, stopped_at, tmp_path):
    stopped_at("count_update", 1)
    assert short_run("torch", "dry", "--dry-run", "--checkpoint-every", "1") == 143
    assert sorted(path.name for path in (tmp_path / "dry").iterdir()) == ["record.json"]
    assert short_run("torch", "dry", "--dry-run", "--checkpoint-every", "1") == 0
    assert not (tmp_path / "dry/checkpoints").exists()
