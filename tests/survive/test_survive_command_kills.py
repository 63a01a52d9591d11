"""Kills commands that write files; planted faults are detected.

For more kills: python -m tests.harness.kill_commands --kills 500
"""

from __future__ import annotations

import json

import pytest

from tests.harness.kill_commands import SHARES

KILLS = 25


def test_killed_commands_leave_whole_files_and_no_processes(run):
    result = run("-m", "tests.harness.kill_commands", "--kills", KILLS)
    assert result.returncode == 0, result.stdout + result.stderr
    found = json.loads(result.stdout)
    assert found["killed"] >= KILLS
    assert {*found["kills"]} == {*SHARES}
    assert found["left"] > 0  # some were killed while they wrote
    assert (found["torn"], found["never_removed"], found["orphans"], found["wrong"]) == (0, 0, 0, [])


#: What is changed in the commands, and what is counted.
FAULTS = {
    "torn": """
import time
from pathlib import Path
from frameworks import whole_files
from parity.pages.report import write

def in_place(contents):
    for path, content in contents.items():
        new = Path(f"{path}.{time.time()}.tmp")
        new.touch()  # the harness waits for a new file
        with path.open("wb", buffering=0) as file:
            file.write(content[:9])
            time.sleep(0.05)
            file.write(content[9:])
        new.unlink()

write.replace_whole = in_place
""",
    "never_removed": """
from frameworks import whole_files
whole_files._remove_abandoned = lambda target: None
""",
    "orphans": """
import subprocess, sys, time
from pathlib import Path
from parity.pages.report import write

def start_another(contents):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path("out", f"{time.time()}").touch()
    time.sleep(1)

write.replace_whole = start_another
""",
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_planted_fault_is_counted(what, run):
    """The whole run of the command, before the kills, is as it should be."""
    code = f"""
import json, random, sys, tempfile
from dataclasses import asdict
from pathlib import Path
from tests.harness import kill_commands
import parity.pages.report.command, parity.pages.report.read
whole, kill_commands.MIDST = [], 1.0

class Planted(kill_commands.Run):
    def __init__(self, name, folder):
        if len(whole) == 1:
            exec({FAULTS[what]!r}, {{}})
        whole.append(1)
        super().__init__(name, folder)

kill_commands.Run = Planted
counts = kill_commands.Counts()
with tempfile.TemporaryDirectory() as folder:
    kill_commands.kill_command("report", 5, Path(folder), random.Random(1), counts)
print(json.dumps(asdict(counts)))
"""
    result = run("-c", code)
    found = json.loads(result.stdout)
    assert found[what] > 0, result.stdout + result.stderr
    assert found["wrong"] != []
