"""Runs the notebooks with nbmake, and each once more with a wrong statement: tox -e notebooks"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "parity/examples/notebooks"
#: For each notebook, a statement that holds and one that does not. The chapter's is about its committed results.
PLANTED = {
    "chapter": ('len(record["epochs"]) == 30', 'len(record["epochs"]) == 31'),
    "port_gluon": ("assert naive[0] == 0", "assert naive[0] == 1"),
    "which_rate": ('"one update early" in message', '"one update late" in message'),
}
#: Replaced in the notebook with a wrong statement, which then does not train again.
LIVE = ("{name: train(name) for name in NAMES}", '{name: json.loads((PROJECT / f"reproduce/results/cosine-{name}-seed0/'
        'record.json").read_text()) | {"applied_rates": [{"rate": np.float32(0.3)}]} for name in NAMES}')
#: Seconds that a cell may take on a busy machine.
LONGEST = 900


def run_notebook(text, folder):
    """Return the exit code of nbmake and its output for the text of a notebook."""
    jupytext.write(jupytext.reads(text, fmt="py:percent"), folder / "notebook.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake", "--nbmake-kernel=python3",
               f"--nbmake-timeout={LONGEST}", folder / "notebook.ipynb"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"})
    return done.returncode, done.stdout


def test_every_notebook_has_a_wrong_statement():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(PLANTED)


@pytest.mark.parametrize("name", PLANTED)
def test_the_notebook_holds_what_it_states(name, tmp_path):
    code, output = run_notebook((FOLDER / f"{name}.py").read_text(encoding="utf-8"), tmp_path)
    assert code == 0, output


@pytest.mark.parametrize("name", PLANTED)
def test_a_wrong_statement_fails(name, tmp_path):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8").replace(*LIVE)
    right, wrong = PLANTED[name]
    assert text.count(right) == 1
    code, output = run_notebook(text.replace(right, wrong), tmp_path)
    assert code == 1
    assert "AssertionError" in output
    assert wrong in output
