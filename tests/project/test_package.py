"""Tests the installed command, and packages that hide its own; `tox -e package` installs it into new environments."""

from __future__ import annotations

import os
import re
import sys

import numpy as np
import pytest

import frameworks
from frameworks import FRAMEWORKS, RELEASES, FrameworkMissingError, check_release
from frameworks.schedule.files import tomllib
from tests.harness import package

#: The content of the script `lr-parity`.
LAUNCH = "import sys; sys.path.append('{console}'); from lr_parity import main; sys.exit(main())"


@pytest.fixture
def lr_parity(run, root):
    """Run the command's entry point from a folder of the user."""
    code = LAUNCH.format(console=root / "parity" / "console")

    def launch(*arguments, cwd, **environment):
        return run("-c", code, *arguments, cwd=cwd, env=os.environ | {"PYTHONPATH": ""} | environment)

    return launch


@pytest.fixture
def users_packages(tmp_path):
    """Return a folder with packages of the same names as this project's."""
    for name in ("frameworks", "parity", "reproduce"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('a package of the user')\n")
    return tmp_path


def test_no_package_of_the_user_hides_the_command(lr_parity, users_packages):
    for path in ("", str(users_packages)):
        result = lr_parity("--version", cwd=users_packages, PYTHONPATH=path)
        assert (result.returncode, result.stderr) == (0, "")
        assert re.search(r"^torch \d+\.", result.stdout, re.M)


def test_without_the_launcher_the_users_package_is_imported(run, users_packages):
    """As a counterpart, this shows what the launcher prevents."""
    result = run("-c", "import parity", cwd=users_packages)
    assert result.stderr.endswith("RuntimeError: a package of the user\n")


def test_messages_name_the_command(lr_parity, tmp_path):
    result = lr_parity("port", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("lr-parity port: the following arguments are required")


@pytest.mark.parametrize("command", [["parity", "--help"], ["reproduce.study", "--help"]], ids=" ".join)
def test_a_package_in_the_way_is_named(command, tmp_path, run, root):
    package = tmp_path / "frameworks"
    package.mkdir()
    (package / "__init__.py").touch()
    result = run("-m", *command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (f"{package} stands in front of this project's package frameworks: run the command "
                             "lr-parity, or run this in another folder\n")
    (package / "__init__.py").unlink()  # without it the folder is not a package, and hides nothing
    assert run("-m", *command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)}).returncode == 0


def test_a_file_in_front_of_a_required_package_is_named(tmp_path, run, root):
    (tmp_path / "numpy.py").touch()
    result = run("-m", "parity", "plot", "x.json", cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (f"{tmp_path / 'numpy.py'} stands in front of the package numpy: run this in another "
                             "folder\n")


@pytest.mark.parametrize("name", ["numpy", "pydantic", "tomli_w"])
def test_a_required_package_that_is_missing_is_named(name, tmp_path, run, root):
    """`--version` still prints the version."""
    hidden = f"""
import sys
from importlib import machinery
find = machinery.PathFinder.find_spec
machinery.PathFinder.find_spec = lambda name, *where: None if name == {name!r} else find(name, *where)
sys.path.append({str(root / 'parity' / 'console')!r})
from lr_parity import main
sys.exit(main())
"""
    result = run("-c", hidden, "port", "--help", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f'{name} is not installed; pip install "." in a clone of this project\n'
    result = run("-c", hidden, "--version", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("learning-rate-parity ")


def test_the_launcher_finds_a_function_of_the_users_folder(lr_parity, tmp_path):
    (tmp_path / "mine.py").write_text("def rates(schedule, updates):\n"
                                      "    return [schedule.lr(update) for update in range(updates)]\n")
    result = lr_parity("check", "--python", "mine:rates", "--case", "cosine", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("1 case: 1 good, 0 skipped, 0 failed\n")


def test_port_says_that_nothing_was_compared_where_nothing_was(lr_parity, tmp_path):
    """Uses a backend of Keras that is not installed; an unknown backend is a mistake, reported like any other."""
    arguments = ("port", "CosineScheduler(20, base_lr=0.3)", "--from", "mxnet", "--to", "keras")
    result = lr_parity(*arguments, cwd=tmp_path, KERAS_BACKEND="jax")
    assert (result.returncode, result.stderr) == (0, "")
    assert "# tensorflow was not measured: KERAS_BACKEND is 'jax', but jax is not installed" in result.stdout
    assert "compared" not in result.stdout
    result = lr_parity(*arguments, cwd=tmp_path, KERAS_BACKEND="nonsense")
    assert (result.returncode, result.stdout, result.stderr) == (
        2, "", "KERAS_BACKEND must be one of tensorflow, jax, torch, got 'nonsense'\n")


def test_the_extras_admit_the_releases_that_are_supported(root):
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for framework, (oldest, unknown) in RELEASES.items():
        limits = f"{framework}>={'.'.join(map(str, oldest))},<{'.'.join(map(str, unknown))}"
        assert extras[framework][0].partition(";")[0] == limits


def test_other_distributions_of_a_library_are_found(monkeypatch):
    monkeypatch.setitem(frameworks.DISTRIBUTIONS, "mxnet", ("mxnet-cu112", "no-such-package", "numpy"))
    assert frameworks.installed_version("mxnet") == np.__version__
    assert frameworks.installed_version("no-such-package") is None


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_releases_that_are_too_old_or_too_new_are_named(framework):
    oldest, unknown = (".".join(map(str, release)) for release in RELEASES[framework])
    check_release(framework, oldest)
    check_release(framework, f"{oldest}.99rc1+cpu")
    for release in ("0.9.1", unknown, f"{unknown}.1"):
        message = f"^{framework} {re.escape(release)} is not supported: must be at least {oldest} and below {unknown}$"
        with pytest.raises(FrameworkMissingError, match=message):
            check_release(framework, release)


@pytest.mark.parametrize("framework", ["mxnet", "torch"])  # TensorFlow is checked by Keras' release
def test_a_command_names_a_release_that_is_not_supported(framework, tmp_path, run, root):
    """A module with the framework's name replaces it, and has only another version."""
    (tmp_path / f"{framework}.py").write_text("__version__ = '0.1'\n")
    specification = root / "parity" / "examples" / "specified.json"
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import parity.__main__ as m; sys.exit(m.main())"
    result = run("-c", code, "measure", "--framework", framework, "--updates", 5, specification)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{framework} 0.1 is not supported: must be at least ")
    assert result.stderr.count("\n") == 1


def test_the_package_check_fails_where_a_command_does(tmp_path):
    """`tox -e package` reports another exit code, a traceback, and a message of more than one line."""
    def failures(code, expected):
        return package.run_command([sys.executable, "-c", code], tmp_path, {}, expected, "here")

    assert failures("print('good')", 0) == []
    assert failures("", 0) == ["here: -c : exit code 0: printed or wrote nothing"]
    assert failures("raise SystemExit(1)", 0)[0].startswith("here: -c raise SystemExit(1): exit code 1, not 0")
    assert "Traceback" in failures("raise ValueError", 1)[0]
    assert failures("import sys; print('a', file=sys.stderr); sys.exit(2)", 2) == []
    assert "2 lines" in failures(r"import sys; print('a\nb', file=sys.stderr); sys.exit(2)", 2)[0]


def test_the_wheel_check_names_harnesses():
    assert package.HARNESSES.search("parity/mutants/__main__.py")
    assert not package.HARNESSES.search("parity/port/command.py")


def test_the_hooks_have_the_pinned_versions(root):
    """Compares .pre-commit-config.yaml."""
    pinned = set(re.findall(r"^[\w-]+==[\w.]+", (root / "requirements/constraints.txt").read_text(), re.M))
    hooks = set(re.findall(r'"([\w-]+==[\w.]+)"', (root / ".pre-commit-config.yaml").read_text()))
    assert len(hooks) == 2
    assert hooks <= pinned
