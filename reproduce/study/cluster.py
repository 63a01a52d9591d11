"""Runs the trials of a plan on a Ray cluster: one single-threaded process on each processor of each node.

Ray sends this project's code to the nodes, and repeats a run whose node was lost. Only this process adds rows.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import ray  # pyright: ignore[reportMissingImports]

from frameworks import children
from frameworks.generated import ROOT
from reproduce.study.plan import Trial
from reproduce.study.runner import Runner, describe_processors
from reproduce.trainer.errors import OutputError
from reproduce.trainer.folder import lock_folder
from reproduce.trainer.record import list_processors

#: Seconds until a cluster must have answered, and until a run whose node was lost must have ended.
CONNECT = 30
#: How often a run is repeated because its node, or Ray's process on it, was lost.
REPEATS = 10
#: The words of a processor's lock that is held.
BUSY = "another run trains on this processor"
#: A process that connects and ends: where nothing answers, Ray itself tries for minutes, and can end the process.
CONNECTING = "import ray, sys; ray.init(sys.argv[1], log_to_driver=False, logging_level='ERROR')"


@dataclass
class ClusterRunner(Runner):
    """Runs trials on the Ray cluster at an address, on all of its processors; `jobs` is not used.

    address: HOST:PORT of the cluster's head node, or "auto" for the cluster of this machine (default).
    """

    address: str = "auto"

    def run(self) -> int:
        """Run all trials; return 0, 1 if a run failed, 130 or 143 after a signal. Raises OutputError."""
        nodes = connect(self.address)
        with children.handle_signals(self._stop, signal.SIGINT, signal.SIGTERM):
            try:
                task = ray.remote(num_cpus=1, max_retries=REPEATS)(train_on_node)
                waiting = {task.remote(trial, self.out, self.options): trial for trial in self.trials}
                while waiting and self._signal is None and not self._ending:
                    for result in ray.wait(list(waiting), timeout=0.5)[0]:
                        self._collect(waiting.pop(result), result)
                    before, nodes = nodes, count_nodes()
                    if nodes < before:
                        print(f"lost {before - nodes} of {before} nodes; their runs are repeated on the others",
                              file=sys.stderr, flush=True)
                if not self._ending:  # after a signal: results that are there already
                    for result in ray.wait(list(waiting), num_returns=len(waiting), timeout=0)[0] if waiting else ():
                        self._collect(waiting.pop(result), result)
            finally:
                ray.shutdown()  # it ends the runs that have not ended
        return self._finish()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._signal = self._signal or number

    def _collect(self, trial: Trial, result: Any) -> None:
        """Add the row of a run that has ended, or report its error."""
        try:
            record, machine = ray.get(result)
        except ray.exceptions.RayTaskError as error:  # of the run itself; its text is a traceback
            self._fail(trial, error.cause)
        except ray.exceptions.RayError as error:  # all repeats were lost
            self._fail(trial, error)
        else:
            try:
                self._add(trial, record, machine)
            except Exception as error:  # as in Runner: the results of further runs would be lost
                self._ending = True
                self._fail(trial, error)


def count_nodes() -> int:
    """Return the number of the cluster's nodes that are alive."""
    return sum(node["Alive"] for node in ray.nodes())


def connect(address: str) -> int:
    """Connect Ray to a cluster, whose nodes get this project's code; return their number. Raises OutputError."""
    try:
        tried = children.run([sys.executable, "-c", CONNECTING, address], timeout=CONNECT)
    except subprocess.TimeoutExpired:
        raise OutputError(f"{address}: no Ray cluster answered within {CONNECT} seconds") from None
    if tried.returncode:
        lines = tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"]
        raise OutputError(f"{address}: no connection to a Ray cluster: {lines[-1][:300]}")
    ray.init(address, log_to_driver=False, logging_level="ERROR", runtime_env={
        "working_dir": str(ROOT), "excludes": [  # all but two folders of this one, which can be site-packages
            "/[!.]*", "/.?*", "!/frameworks", "!/frameworks/**", "!/reproduce", "!/reproduce/**", "__pycache__"]})
    if (processors := int(ray.cluster_resources().get("CPU", 0))) < 1:
        ray.shutdown()
        raise OutputError(f"{address}: this Ray cluster has no processors")
    ray._private.worker._worker_logs_enabled = False  # prints pages about a lost node; no public setting ends that
    print(f"on {(nodes := count_nodes())} nodes with {processors} processors", flush=True)
    return nodes


def train_on_node(trial: Trial, out: Path, options: list[str]) -> tuple[dict[str, Any], str]:
    """Train a run on a free processor of this node, and return its record and the names of its processors.

    out: the folder of run folders on this node. options: further arguments of the run. Raises OutputError.
    """
    folder = out / trial.name
    with lock_processor() as processor:
        _wait_until_unlocked(folder)
        record = Runner([], 1, out, out, options).train(trial, processor)
    assert record is not None  # it was not stopped: Ray ends this process instead
    names = describe_processors(folder, record)
    shutil.rmtree(folder, ignore_errors=True)
    return record, names


@contextmanager
def lock_processor() -> Iterator[int]:
    """Wait for a processor of this machine on which no other run of a cluster trains, and yield its number."""
    while True:
        for processor in random.sample(every := list_processors(), len(every)):
            folder = Path(tempfile.gettempdir()) / f"learning-rate-parity-processor{processor}"
            folder.mkdir(exist_ok=True)
            with ExitStack() as stack:
                try:
                    stack.enter_context(lock_folder(folder, BUSY))
                except OutputError as error:
                    if BUSY not in str(error):  # a folder that cannot be locked
                        raise
                    continue
                yield processor
                return
        time.sleep(1)


def _wait_until_unlocked(folder: Path) -> None:
    """Wait, at most `CONNECT` seconds, for the end of a process that trains in a shared folder: its node was lost."""
    end = time.monotonic() + CONNECT
    while folder.exists() and time.monotonic() < end:
        try:
            with lock_folder(folder, "another process trains in this folder"):
                return
        except OutputError:
            time.sleep(0.5)
