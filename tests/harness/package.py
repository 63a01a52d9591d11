"""Builds the package, installs it into new environments as a user does, and tries what needs no framework.

python -m tests.harness.package [--python 3.10 3.11 ...] [--over VENV_PYTHON]

For each Python that is found: `pip install .` in a new environment, timed, then every command below, in a folder with a
package `frameworks`. On Python 3.11 a dry run over NumPy 1.24 shows that it is kept. The oldest Python also tries the
oldest dependencies that the package admits: in an empty folder, without a home, and with other packages of these names
first on the path. --over: dry runs check that package and extras replace nothing in an environment with the frameworks.
Needs uv. Exit codes: 0 all held, 4 something did not.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
#: Seconds that an installation may take.
LONGEST = 60
#: Records of runs, which no wheel contains.
RESULTS = re.compile(r"reproduce/(exercises/\w+/)?results/(?!.*\.py$)|reproduce/(study|exercises)/runs\.csv$")
#: Names that no wheel may contain: fuzzing, mutants, benchmarks and kill runs.
HARNESSES = re.compile(r"harness|fuzz|mutants|roundtrip|benchmark|kills")
CONSTRUCTOR = "CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)"
SPECIFICATION = '{"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 20}'
#: The arguments of lr-parity, and the exit code.
COMMANDS = (
    (["--help"], 0), (["--version"], 0), *(([name, "--help"], 0) for name in (
        "measure", "plot", "gallery", "check", "report", "edit", "port", "explain")),
    (["port", "--no-measure", CONSTRUCTOR, "--from", "mxnet", "--to", "torch"], 0),
    (["port", "--no-measure", "cosine.json", "--to", "tensorflow"], 0),
    (["explain", "cosine.json", "cosine.json"], 0),
    (["explain", CONSTRUCTOR, "cosine.json", "--from-a", "mxnet"], 4),  # they differ
    (["plot", "cosine.json", "--out", "cosine.svg"], 0),
    (["gallery", "--out", "gallery.png"], 0), (["schema"], 0), (["run-schema"], 0), (["vectors", "--help"], 0),
    (["measure", "--framework", "torch", "--updates", "5", "cosine.json"], 2),
    (["report", "--out", "report"], 2), (["mistakes"], 2), (["edit", "--out", "editor.html"], 0),
    (["plot", "cosine.json", "--framework", "mxnet", "--out", "x.svg"], 2),
    (["plot", "missing.json", "--out", "x.svg"], 2),
)


def main() -> int:
    """Try every Python that is found and return the exit code."""
    parser = Parser(prog="python -m tests.harness.package", description="Install the package as users do, and try it.")
    parser.add_argument("--python", nargs="+", default=PYTHONS, metavar="3.N", help="versions (default: all found)")
    parser.add_argument("--over", type=Path, metavar="PYTHON", help="Python of an environment that has the frameworks")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="package-") as folder, ThreadPoolExecutor(2) as pool:
        wheel, failures = check_builds(Path(folder))
        paths = {version: python for version in chosen.python if (python := find_python(version))}
        print(f"Pythons found: {', '.join(paths)}", flush=True)
        checks = [pool.submit(try_python, version, python, Path(folder) / version, False)
                  for version, python in paths.items()]
        checks += [pool.submit(try_python, version, python, Path(folder) / "lowest", True)
                   for version, python in list(paths.items())[:1]]
        if "3.11" in paths:
            checks.append(pool.submit(check_older_numpy, paths["3.11"], wheel, Path(folder) / "older"))
        if chosen.over:
            checks.append(pool.submit(check_nothing_replaced, chosen.over, wheel))
        failures += chain.from_iterable(check.result() for check in checks)
    print(*failures, f"{len(failures)} failures", sep="\n")
    return FAILED if failures or not paths else 0


def find_python_versions() -> dict[str, str]:
    """Return the environment variables with which pyenv provides `python3.10` and others."""
    if shutil.which("pyenv") is None:
        return {}
    installed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=True).stdout
    return {"PYENV_VERSION": ":".join(line for line in installed.split() if line[:2] == "3.")}


def find_python(version: str) -> str | None:
    """Return the path of a Python of a version, or None."""
    environment = {**os.environ, **find_python_versions(), "UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_PYTHON": "1"}
    process = subprocess.run(["uv", "python", "find", "--no-project", version], env=environment, capture_output=True,
                             text=True, check=False)
    return process.stdout.strip() or None


def check_builds(folder: Path) -> tuple[Path, list[str]]:
    """Build the source distribution and, from it, the wheel; return the wheel, and what is wrong with its files."""
    subprocess.run(["uv", "build", "--quiet", "--out-dir", folder, ROOT], check=True)
    [wheel] = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    failures = [f"wheel: holds {name}" for name in names if HARNESSES.search(name)]
    tracked = subprocess.run(["git", "-C", ROOT, "ls-files", "frameworks", "parity", "reproduce"], capture_output=True,
                             text=True, check=True).stdout.split()
    for name in tracked:
        left_out = HARNESSES.search(name) or name.endswith(".md") or RESULTS.match(name)
        if name.endswith((".py", ".typed", ".json", ".toml", ".css", ".html", ".js", ".csv", ".txt")) and not left_out:
            installed = name.removeprefix("parity/console/")
            failures += [f"wheel: lacks {name}"] * (installed not in names)
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB")
    return wheel, failures


def try_python(version: str, python: str, folder: Path, lowest: bool) -> list[str]:
    """Install into a new environment of one Python with pip, and run every command.

    lowest: with the oldest dependencies that the package admits, as uv resolves them.
    """
    copy = folder / "clone"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".tox", "build", "*.egg-info", "runs"))
    subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
    start = time.monotonic()
    installed = folder / "venv/bin/python"
    pip = [installed, "-m", "pip", "install", "--disable-pip-version-check"]
    if lowest:
        pip = ["uv", "pip", "install", "--python", installed, "--resolution", "lowest-direct"]
        version += ", oldest dependencies"
    subprocess.run([*pip, "--quiet", copy], check=True)
    seconds = time.monotonic() - start
    failures = [f"Python {version}: pip install . took {seconds:.0f} s"] * (seconds > LONGEST)
    program = folder / "venv/bin/lr-parity"
    for name, place, environment in make_folders(folder)[slice(0, 4) if lowest else slice(1, 2)]:
        for arguments, code in COMMANDS:
            failures += run_command([program, *arguments], place, environment, code, f"Python {version}, {name}")
    failures += run_command([installed, "-m", "parity", "--help"], folder / "shadowed", {}, 2,
                            f"Python {version}, python -m parity beside a folder frameworks")
    print(f"Python {version}: pip install . in {seconds:.1f} s; {len(COMMANDS)} commands: "
          f"{len(failures)} failures", flush=True)
    return failures


def make_folders(folder: Path) -> list[tuple[str, Path, dict[str, str]]]:
    """Make the folders in which the commands run: their name, the folder, and environment variables."""
    result = []
    for name in ("empty", "shadowed", "homeless", "path"):
        place = folder / name
        place.mkdir()
        (place / "cosine.json").write_text(SPECIFICATION)
        for package in ("frameworks", "parity", "reproduce", "lr_parity") * (name == "path") + ("frameworks",) * (
                name == "shadowed"):
            (place / package).mkdir()
            (place / package / "__init__.py").write_text("raise RuntimeError('a package of the user')\n")
        result.append((name, place, {}))
    result[2][2]["HOME"] = "/proc/nonexistent"  # even root cannot make a folder there
    result[3] = ("path", folder / "path", {"PYTHONPATH": str(folder / "path")})
    shutil.rmtree(folder / "path" / "lr_parity")  # only the name of the command must be free
    return result


def run_command(command: list[object], place: Path, environment: dict[str, str], code: int, where: str) -> list[str]:
    """Run a command; return its failures: another exit code, a traceback, an error of more than one line."""
    process = subprocess.run(list(map(str, command)), cwd=place, env=os.environ | environment, capture_output=True,
                             text=True, check=False)
    prefix = f"{where}: {' '.join(map(str, command[1:]))}: exit code {process.returncode}"
    if process.returncode != code or "Traceback" in process.stderr:
        return [f"{prefix}, not {code}: {process.stderr.strip()[-300:]}"]
    if code == 0:
        written = (place / command[-1]).stat().st_size if "--out" in command else len(process.stdout.strip())
        return [] if written else [f"{prefix}: printed or wrote nothing"]
    lines = process.stderr.strip().splitlines()
    return [f"{prefix}: {len(lines)} lines: {process.stderr.strip()[:300]}"] * (code == 2 and len(lines) != 1)


def check_nothing_replaced(python: Path, wheel: Path) -> list[str]:
    """Check with dry runs of pip that the wheel's extras replace no framework and no NumPy of an environment."""
    failures = []
    listed = subprocess.check_output([python, "-m", "pip", "list", "--format=freeze"], text=True).lower().split()
    installed = {line.split("==")[0] for line in listed}
    tensorflow = "tensorflow-cpu" if "tensorflow-cpu" in installed else "tensorflow"
    for extra in ["", *(f"[{name}]" for name in ("torch", "mxnet", tensorflow) if name in installed)]:
        process = subprocess.run([python, "-m", "pip", "install", "--dry-run", "--disable-pip-version-check",
                                  f"{wheel}{extra}"], capture_output=True, text=True, check=True)
        new = next((line for line in process.stdout.splitlines() if line.startswith("Would install")), "nothing")
        replaced = re.findall(r"\b((?:torch|tensorflow|tensorflow_cpu|keras|mxnet|numpy)-[\d.]+)", new)
        failures += [f"{wheel.name}{extra} would replace {', '.join(replaced)}"] * bool(replaced)
        print(f"pip install --dry-run {wheel.name}{extra}: {new}", flush=True)
    return failures


def check_older_numpy(python: str, wheel: Path, folder: Path) -> list[str]:
    """Check with a dry run of pip that an older NumPy is kept if the command names it, as the README states."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--quiet", "numpy==1.24.4"], check=True)
    process = subprocess.run([*pip, "--dry-run", wheel, "numpy==1.24.4"], capture_output=True, text=True, check=True)
    new = next((line for line in process.stdout.splitlines() if line.startswith("Would install")), "nothing")
    print(f"pip install --dry-run {wheel.name} numpy==1.24.4, over it: {new}", flush=True)
    return ["an older NumPy that the command names would be replaced"] * (" numpy-" in new)


if __name__ == "__main__":
    sys.exit(main())
