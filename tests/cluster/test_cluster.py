"""Tests that a plan runs on a Ray cluster of which a node is lost, and that mistakes have one line."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from reproduce.study import __main__ as study
from reproduce.study import cluster as module
from reproduce.study import rows
from tests.cluster.conftest import ROOT
from tests.reproduce.test_study import PLAN


def list_trials(out):
    """Return the numbers of the processes that train in a folder, by the name of their run."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().split(b"\0")
        except OSError:  # it has ended
            continue
        for argument in arguments:
            if argument.startswith(b"--out=" + bytes(out) + b"/"):
                found[argument.decode().rpartition("/")[2]] = int(path.parent.name)
    return found


#: Seconds that anything may take; a machine that does other work is many times slower.
LIMIT = 900


def wait_for(condition, seconds=LIMIT):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def wait_for_two_trainings(out):
    wait_for(lambda: len(list_trials(out)) == 2 and len(list(out.glob("*/record.json"))) == 2)


@pytest.fixture
def start():
    """Start commands, and end those that a failed test leaves: their runs would hold the processors."""
    with ExitStack() as stack:
        def start_command(command):
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            stack.callback(process.kill)
            return process

        yield start_command


def read_results(folder):
    """Return the rows of a folder without what depends on time and machine; each run must have one line."""
    found = rows.read_rows(folder)
    assert len((folder / "runs.csv").read_text().splitlines()) == 1 + len(found)
    assert len((folder / "curves.jsonl").read_text().splitlines()) == len(found)
    return {key: [row[name] for name in (*rows.RESULT, "machine", "threads", "version")] for key, row in found.items()}


def test_runs_are_stopped_and_continued_and_a_node_is_lost(cluster, command, start, tmp_path):
    """Every run has one row, the same as on this machine without Ray."""
    runs = tmp_path / "runs"
    process = start(command(PLAN, "--ray", cluster.address))
    wait_for_two_trainings(runs)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=LIMIT)
    assert (process.returncode, errors) == (143, "stopped after 0 of 2 runs; the same command continues\n")
    assert output == "2 runs to do, 0 of the plan's 2 have their row\non 2 nodes with 2 processors\n"
    wait_for(lambda: not list_trials(runs))

    process = start(command(PLAN, "--ray", cluster.address))
    wait_for_two_trainings(runs)
    before = list_trials(runs)
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    wait_for(lambda: set(before.values()) - set(list_trials(runs).values()))
    output, errors = process.communicate(timeout=LIMIT)
    assert (process.returncode, errors) == (0, "lost 1 of 2 nodes; their runs are repeated on the others\n")
    assert [line.partition(":")[0] for line in output.splitlines()[2:]] == ["1 of 2", "2 of 2"]
    assert list(runs.iterdir()) == []

    (tmp_path / "local").mkdir()
    subprocess.run(command(PLAN, study=tmp_path / "local"), cwd=ROOT, capture_output=True, check=True)
    assert read_results(tmp_path) == read_results(tmp_path / "local")


def test_a_run_that_fails_is_reported(cluster, command, start, tmp_path):
    blocked = tmp_path / "runs" / "cosine-described-torch-seed7-epochs1"
    blocked.mkdir(parents=True)
    (blocked / "record.json").write_text("{}")
    process = start(command(PLAN.replace("count = 2", "count = 1"), "--ray", cluster.address))
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert errors.startswith(f"{blocked.name}: exit code 2: {blocked}/record.json: there is a run already;")
    assert len(errors.splitlines()) == 1


def test_a_cluster_without_processors_is_an_error(cluster, monkeypatch):
    monkeypatch.setattr(module.ray, "cluster_resources", dict)
    with pytest.raises(module.OutputError, match="this Ray cluster has no processors"):
        module.connect(cluster.address)
    assert not module.ray.is_initialized()


def test_an_address_where_nothing_answers_is_an_error(command, monkeypatch, capsys):
    """Ray itself would try for minutes."""
    monkeypatch.setattr(module, "CONNECT", 4)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        code = study.main(command(PLAN, "--ray", address)[3:])
    assert (code, capsys.readouterr().err) == (2, f"{address}: no Ray cluster answered within 4 seconds\n")


def test_the_reason_of_a_failed_connection_is_printed(command, monkeypatch, capsys):
    monkeypatch.setattr(module, "CONNECTING", "raise ConnectionError('why')")
    assert study.main(command(PLAN, "--ray", "auto")[3:]) == 2
    assert capsys.readouterr().err == "auto: no connection to a Ray cluster: ConnectionError: why\n"


def test_two_runs_do_not_share_a_processor(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "list_processors", lambda: [0, 1])
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module.time, "sleep", lambda seconds: pytest.fail("waits for a processor"))
    with module.lock_processor() as first, module.lock_processor() as second:
        assert {first, second} == {0, 1}
        with pytest.raises(pytest.fail.Exception, match="waits for a processor"), module.lock_processor():
            pass
    with module.lock_processor() as third:
        assert third in {0, 1}
