"""Tests workers, which run one command after another.

A worker that dies, prints too much or never ends is reported, and only this worker ends.
"""

from __future__ import annotations

import pytest

from parity.measuring import processes
from parity.measuring.processes import MeasurementError, Processes

COMMAND = """
import json, os, sys, time
def main(arguments):
    what = arguments[0]
    if what == "die":
        os._exit(0)
    if what == "wait":
        time.sleep(60)
    if what == "leave":
        sys.exit(arguments[1] if len(arguments) > 1 else None)
    if what == "fail":
        raise ValueError("no such thing")
    os.write(1, b"past Python")
    print(json.dumps({"process": os.getpid(), "stdin": sys.stdin.read(), "warned": what}))
    if what == "twice":
        print("more")
    return 4 if what == "broken" else 0
"""


@pytest.fixture
def pool(tmp_path, monkeypatch):
    (tmp_path / "planted.py").write_text(COMMAND)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Processes(2) as started:
        yield started


def measure(pool, *arguments, framework="torch", module="planted"):
    return pool.measure(framework, module, list(arguments))


def test_a_worker_is_used_again(pool):
    first, second = measure(pool, "good"), measure(pool, "broken")  # a document has exit code 4, too
    assert first["process"] == second["process"]
    assert (first["stdin"], second["stdin"]) == ("", "")
    assert measure(pool, "good", framework="mxnet")["process"] != first["process"]
    assert [time[1:] for time in pool.times] == [("torch", "planted")] * 2 + [("mxnet", "planted")]


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["die"], 1, "exit code 0: "), (["fail"], 1, "exit code 1: Traceback.*ValueError: no such thing"),
    (["leave", "so it is"], 1, "exit code 1: so it is"), (["leave"], 1, "printed more than a document, or none: ''"),
    (["twice"], 1, "planted printed more than a document, or none: '{")])
def test_what_gives_no_document_is_said_and_the_next_one_runs(arguments, code, message, pool):
    with pytest.raises(MeasurementError, match=f"(?s){message}") as raised:
        measure(pool, *arguments)
    assert raised.value.code == code
    assert measure(pool, "good")["warned"] == "good"


def test_a_worker_that_dies_idle_is_replaced(pool):
    first = measure(pool, "good")
    (worker,) = pool._workers
    worker._process.kill()
    worker._process.wait()
    assert measure(pool, "good")["process"] != first["process"]


def test_a_worker_that_died_with_a_question_ends(tmp_path, monkeypatch):
    """A question left in its pipe is not an error, and the other workers end too."""
    (tmp_path / "planted.py").write_text(COMMAND)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Processes(2) as pool:
        measure(pool, "good")
        measure(pool, "good", framework="mxnet")
        dead, other = pool._workers
        dead._process.kill()
        dead._process.wait()
        with pytest.raises(MeasurementError):
            dead.run("planted", ["good"])
    assert not other.alive


def test_what_never_ends_is_ended(pool, monkeypatch):
    monkeypatch.setattr(processes, "TIMEOUT", 1)
    with pytest.raises(MeasurementError, match="exit code -9"):
        measure(pool, "wait")
