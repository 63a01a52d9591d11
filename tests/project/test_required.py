"""Tests that commands name a required package that is missing, and leave other programs alone."""

from __future__ import annotations

import os

import pytest


def test_every_command_of_a_clone_names_a_missing_package(run, root):
    """Without installed packages (-S). --version needs none, and another program that imports gets an ImportError."""
    folders = (root / "reproduce", root / "reproduce" / "exercises")
    scripts = [path for folder in folders for path in sorted(folder.glob("[!_]*.py"))
               if 'if __name__ == "__main__"' in path.read_text()]
    assert len(scripts) >= 18
    modules = ["parity", "reproduce.study", "reproduce.exercises", "reproduce.exercises.sgld.mixture"]
    for command in [[script] for script in scripts] + [["-m", module] for module in modules]:
        result = run("-S", *command, "--help")
        assert (result.returncode, result.stdout, result.stderr) == (
            2, "", 'numpy is not installed; pip install "." in a clone of this project\n'), command
    result = run("-S", "-m", "parity", "--version")
    assert (result.returncode, result.stderr) == (0, "")
    module = "parity.pages.kinds"
    for options in (["-um", module, "--version"], ["-W", "-m", "-um", module, "--help"], [f"-m{module}"]):
        assert run("-S", *options).stderr.endswith(" in a clone of this project\n"), options
    for arguments in ([], ["-m", "parity"]):
        assert run("-S", "-c", "import reproduce.cosine", *arguments).stderr.endswith("No module named 'numpy'\n")


@pytest.mark.parametrize("program", ["gone", "a\0b", "loop", 5, None])
def test_any_other_program_may_import(program, tmp_path, run, root):
    """Also from a folder that is gone, and with a name of the program that cannot be a path."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    code = (f"import os, sys; os.mkdir('x'); os.chdir('x'); os.rmdir({str(tmp_path / 'x')!r}); "
            f"sys.argv = [{str(tmp_path / 'loop') if program == 'loop' else program!r}]; import frameworks, parity")
    result = run("-c", code, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    assert (result.returncode, result.stderr) == (0, "")
