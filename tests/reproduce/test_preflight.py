"""Tests the checks before the first epoch: libraries, frameworks, devices, data. A refused run leaves no files."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

import pytest

from frameworks import FRAMEWORKS, FrameworkMissingError, describe_missing
from frameworks.epoch import DeviceMissingError
from reproduce.trainer import data, libraries

#: One update of each training.
SHORT = ["--dry-run", "--device", "cpu"]


@pytest.fixture
def without(tmp_path, root):
    """Run a script with some libraries not installed, and others that fail when they are imported."""
    site = tmp_path / "site"
    site.mkdir()

    def start(run, script, *arguments, absent=(), failing=()):
        absences = f"import sys; sys.modules.update(dict.fromkeys({tuple(absent)!r}))"
        (site / "sitecustomize.py").write_text(absences)  # of this process and its children
        for name in failing:
            (site / f"{name}.py").write_text("raise ImportError('its shared library has another version')")
        path = os.pathsep.join([str(site), str(root)])
        return run(root / "reproduce" / script, *arguments, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path})

    return start


def list_files(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir() if path.name != "site")


def test_a_missing_framework_ends_its_run_at_once(without, run, tmp_path):
    for script in ("constant.py", "chapter.py"):
        result = without(run, script, "--framework", "torch", *SHORT, absent=["torch"])
        assert (result.returncode, result.stdout, result.stderr) == (
            2, "", 'torch is not installed; pip install ".[torch]" in a clone of this project\n')
    assert list_files(tmp_path) == []


def test_every_missing_library_is_named_at_once(without, run, tmp_path):
    """This includes libraries that are needed only at the end."""
    names = ["torch", "matplotlib", "safetensors", "tqdm", "tensorboardX"]
    for script in ("constant.py", "chapter.py"):
        result = without(run, script, "--framework", "torch", "--tensorboard", *SHORT, absent=names)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.splitlines() == [describe_missing(name) for name in names]
    assert list_files(tmp_path) == []


@pytest.mark.parametrize("script", [
    "averaging", "cycles", "drift", "exponent", "fixed_rate", "plateau", "warmup_length", "warmups"])
def test_an_exercise_names_a_missing_library(script, without, run, tmp_path):
    """A dry run trains nothing, and needs none of them."""
    result = without(run, f"exercises/{script}.py", "--out", "runs", absent=["safetensors"])
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{describe_missing('safetensors')}\n")
    result = without(run, f"exercises/{script}.py", "--dry-run", absent=[*FRAMEWORKS, "safetensors", "tqdm"])
    assert (result.returncode, result.stderr) == (0, "")
    assert list_files(tmp_path) == []


def test_the_chapter_leaves_out_what_is_missing_or_broken(without, run, write_chapter, tmp_path):
    """One is not installed, and one fails when it is imported: both are named before the first run."""
    result = without(run, write_chapter(3), *SHORT, "--variant", "printed", "--quiet", absent=["tensorflow"],
                     failing=["mxnet"])
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines() == [
        f"left out: {describe_missing('tensorflow')}",
        "left out: mxnet cannot be imported (its shared library has another version); "
        'pip install ".[mxnet]" in a clone of this project']
    folders = sorted(path.name for path in (tmp_path / "runs").iterdir() if path.is_dir())
    # the book prints no training of the third, factor
    assert folders == [f"{name}-torch-seed0-printed-dry-run" for name in ("constant", "square_root")]


def test_the_chapter_stops_if_no_framework_is_left(without, run, tmp_path):
    result = without(run, "chapter.py", *SHORT, absent=FRAMEWORKS)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [describe_missing(name) for name in FRAMEWORKS]
    assert list_files(tmp_path) == []


def test_a_framework_that_fails_to_import_leaves_nothing(without, run, tmp_path):
    result = without(run, "chapter.py", "--framework", "mxnet", "--dry-run", "--out", "new/runs", failing=["mxnet"])
    assert result.returncode == 2
    assert result.stderr == ("mxnet cannot be imported (its shared library has another version); "
                             'pip install ".[mxnet]" in a clone of this project\n')
    assert list_files(tmp_path) == []


@pytest.mark.parametrize(("arguments", "code"), [
    (["--device", "gpu"], 2), (["--data-dir", "nowhere"], 5), (["--resume", "nowhere"], 6)])
def test_a_run_that_never_began_leaves_nothing(arguments, code, run, root, tmp_path):
    (tmp_path / "mine").mkdir()
    for out in ("runs/deep/new", "mine"):
        result = run(root / "reproduce/constant.py", "--framework", "torch", "--out", out, *arguments, cwd=tmp_path,
                     env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"})
        assert result.returncode == code, result.stderr
        assert list_files(tmp_path) == ["mine"]  # it existed before


def test_a_device_that_one_framework_lacks_is_known_before_the_first_run(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    with pytest.raises(DeviceMissingError, match=r"^device gpu: torch sees no GPU here$"):
        libraries.find_importable(["torch"], "gpu")
    assert libraries.find_importable(["torch"], "cpu") == ["torch"]


def test_a_framework_that_ends_its_process_is_named(monkeypatch):
    monkeypatch.setattr(libraries, "IMPORTING", "import os; os.abort()")
    with pytest.raises(FrameworkMissingError, match=r"^torch cannot be imported \(exit code -6\)$"):
        libraries.find_importable(["torch"], "cpu")


def test_pooch_is_needed_only_for_a_download(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pooch", None)
    chosen = Namespace(data_dir=None, tensorboard=False, no_figure=False)
    libraries.check_libraries(chosen)  # Debian's package is installed
    assert data.load().training[0].shape == (60000, 28, 28)
    monkeypatch.setattr(data, "DEBIAN", tmp_path)
    with pytest.raises(libraries.LibraryMissingError) as caught:
        libraries.check_libraries(chosen)
    assert str(caught.value) == describe_missing("pooch")
    libraries.check_libraries(Namespace(data_dir=tmp_path, tensorboard=False, no_figure=False))


def test_looking_for_libraries_imports_none(run):
    code = ("import sys; from argparse import Namespace; from reproduce.trainer.libraries import check_libraries;"
            "chosen = Namespace(data_dir=None, tensorboard=True, no_figure=False);"
            "check_libraries(chosen, ['mxnet', 'torch', 'tensorflow']);"
            "sys.exit(str(sorted({'mxnet', 'torch', 'tensorflow', 'matplotlib', 'tqdm', 'safetensors'} & "
            "set(sys.modules))))")
    assert run("-c", code).stderr == "[]\n"
