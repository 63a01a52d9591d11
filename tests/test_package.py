"""The installed command, and what stands in its way; `tox -e package` installs it into new environments."""

from __future__ import annotations

import os
import re
import sys

import pytest

from frameworks import FRAMEWORKS, RELEASES, FrameworkMissing, check_release
from tests.harness import package

#: What the script `lr-parity` does.
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
    """A folder with packages of the same names as this project's."""
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
    """The counterpart: this is what the launcher prevents."""
    result = run("-c", "import parity", cwd=users_packages)
    assert result.stderr.endswith("RuntimeError: a package of the user\n")


def test_messages_name_the_command(lr_parity, tmp_path):
    result = lr_parity("port", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("lr-parity port: the following arguments are required")


@pytest.mark.parametrize("name", ["frameworks", "reproduce"])
def test_a_package_in_the_way_is_named(name, tmp_path, run, root):
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    result = run("-m", "parity", "--help", cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (f"{tmp_path / name} stands in front of this project's package {name}: run the command "
                             "lr-parity, or run this in another folder\n")
    (tmp_path / name / "__init__.py").unlink()  # without it the folder is no package, and is in nobody's way
    assert run("-m", "parity", "--help", cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)}).returncode == 0


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_releases_that_are_too_old_or_too_new_are_named(framework):
    oldest, unknown = (".".join(map(str, release)) for release in RELEASES[framework])
    check_release(framework, oldest)
    check_release(framework, f"{oldest}.99rc1+cpu")
    for release in ("0.9.1", unknown, f"{unknown}.1"):
        message = f"^{framework} {re.escape(release)} is not supported: must be at least {oldest} and below {unknown}$"
        with pytest.raises(FrameworkMissing, match=message):
            check_release(framework, release)


@pytest.mark.parametrize("framework", ["mxnet", "torch"])  # of TensorFlow, the release of Keras decides
def test_a_command_names_a_release_that_is_not_supported(framework, tmp_path, run, root):
    """Here by a module of the framework's name that has another version, and nothing else."""
    (tmp_path / f"{framework}.py").write_text("__version__ = '0.1'\n")
    specification = root / "parity" / "examples" / "specified.json"
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import parity.__main__ as m; sys.exit(m.main())"
    result = run("-c", code, "measure", "--framework", framework, "--updates", 5, specification)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{framework} 0.1 is not supported: must be at least ")
    assert result.stderr.count("\n") == 1


def test_the_package_check_fails_where_a_command_does(tmp_path):
    """`tox -e package` reports another exit code, a traceback, and a mistake that takes more than a line."""
    def failures(code, expected):
        return package.run_command([sys.executable, "-c", code], tmp_path, {}, expected, "here")

    assert failures("", 0) == []
    assert failures("raise SystemExit(1)", 0)[0].startswith("here: -c raise SystemExit(1): exit code 1, not 0")
    assert "Traceback" in failures("raise ValueError", 1)[0]
    assert failures("import sys; print('a', file=sys.stderr); sys.exit(2)", 2) == []
    assert "2 lines" in failures(r"import sys; print('a\nb', file=sys.stderr); sys.exit(2)", 2)[0]


def test_the_wheel_check_names_harnesses():
    assert package.HARNESSES.search("parity/mutants/__main__.py")
    assert not package.HARNESSES.search("parity/port/command.py")
