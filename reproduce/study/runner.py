"""Runs the trials of a plan, one single-threaded process on each processor, and adds a row for each finished run."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from frameworks import children
from frameworks.exit_codes import DIVERGED, UNEXPECTED
from reproduce.study import rows
from reproduce.study.plan import Trial
from reproduce.trainer.checkpoint import replace_whole
from reproduce.trainer.errors import OutputError, build_write_error
from reproduce.trainer.manifest import read_record
from reproduce.trainer.record import list_processors

TRIAL = Path(__file__).with_name("trial.py")
#: The file in a run's folder that names each processor on which the run was started, one per line.
PROCESSORS = "processors.txt"
#: Exit codes of a run that gets a row: finished, or diverged, which is also a result.
RESULTS = (0, DIVERGED)
#: One thread in each library.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
              "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
#: Settings of the user that select other kernels, which round differently.
KERNELS = ("TF_ENABLE_ONEDNN_OPTS", "ATEN_CPU_CAPABILITY", "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "XLA_FLAGS",
           "MXNET_SUBGRAPH_BACKEND", "MKL_CBWR", "MKL_DEBUG_CPU_TYPE")


def build_trial_command(trial: Trial, processor: int, options: list[str]) -> list[str]:
    """Return the command that trains one run, without --out. options: further arguments, such as --offline."""
    return [sys.executable, str(TRIAL), str(processor), trial.source or trial.experiment, *trial.arguments, *options]


def build_trial_environment() -> dict[str, str]:
    """Return the environment of such a command: this process's, with one thread and the default kernels."""
    return {name: value for name, value in os.environ.items() if name not in KERNELS} | ONE_THREAD


def note_processor(folder: Path) -> None:
    """Add this machine's processor to those of a run's folder. Raises OutputError."""
    names = dict.fromkeys([*_list_processors_of(folder), rows.read_processor_name()])
    replace_whole(folder / PROCESSORS, "".join(f"{name}\n" for name in names).encode())


def describe_processors(folder: Path, record: dict[str, Any]) -> str:
    """Return the name of this machine's processor; of a continued or deep run, of each that it was started on."""
    names = [*_list_processors_of(folder) * bool(record["resumed"] or record.get("depth")), rows.read_processor_name()]
    return rows.AND.join(dict.fromkeys(names))


def _list_processors_of(folder: Path) -> list[str]:
    path = folder / PROCESSORS
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


@dataclass
class Runner:
    """Runs trials on `jobs` processors.

    trials: the runs still to do.
    jobs: how many run at a time.
    out: the folder of run folders, which are removed when their row is written.
    study: the folder of runs.csv.
    options: further arguments of every run, such as --offline (default: none).
    """

    trials: list[Trial]
    jobs: int
    out: Path
    study: Path
    options: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: queue.SimpleQueue[Trial] = queue.SimpleQueue()
        for trial in self.trials:
            self._waiting.put(trial)
        self._processes: set[subprocess.Popen] = set()
        self._lock = threading.Lock()
        self._signal: int | None = None
        self._done, self._begin, self._failed, self._ending = 0, time.monotonic(), False, False
        self._commit = rows.commit()

    def run(self) -> int:
        """Run all trials; return 0, 1 if a run failed, 130 or 143 after a signal when all runs have saved."""
        with children.handle_signals(self._stop, signal.SIGINT, signal.SIGTERM):
            threads = [threading.Thread(target=self._work, args=(processor,))
                       for processor in self._choose_processors()]
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)  # signals are handled in between
        return self._finish()

    def _finish(self) -> int:
        if self._signal is not None:
            print(f"stopped after {self._done} of {len(self.trials)} runs; the same command continues", file=sys.stderr)
            return 128 + self._signal
        return 0 if self._done == len(self.trials) and not self._failed else UNEXPECTED

    def _choose_processors(self) -> list[int]:
        available = list_processors()
        return [available[job % len(available)] for job in range(min(self.jobs, len(self.trials)))]

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Send SIGTERM to every run, once: a second signal would end a run before it has saved."""
        if self._signal is not None:
            return
        self._signal = number
        for process in list(self._processes):
            with suppress(OSError):
                process.send_signal(signal.SIGTERM)

    def _work(self, processor: int) -> None:
        while self._signal is None and not self._ending:
            try:
                trial = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                record = self.train(trial, processor)
            except Exception as error:  # whatever the error, the other runs continue
                self._fail(trial, error)
                continue
            if record is not None:
                try:
                    self._add(trial, record)
                except Exception as error:  # no row can be added: the results of further runs would be lost
                    self._ending = True
                    self._fail(trial, error)

    def _fail(self, trial: Trial, error: Exception) -> None:
        self._failed = True
        what = str(error) if isinstance(error, OutputError) else f"{type(error).__name__}: {error}"
        print(f"{trial.name}: {' '.join(what.split())[:400]}", file=sys.stderr, flush=True)

    def train(self, trial: Trial, processor: int) -> dict[str, Any] | None:
        """Train one run and return its record, None if it was stopped. Raises OutputError."""
        out = self.out / trial.name
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / "log.txt").touch()
            note_processor(out)
        except OSError as error:
            raise build_write_error(out, error) from None
        with (out / "log.txt").open("ab") as log:
            process = children.start(
                [*build_trial_command(trial, processor, self.options), f"--out={out}"], stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log, env=build_trial_environment())
            self._processes.add(process)
            if self._signal is not None:  # it came before this process was in the set
                process.send_signal(signal.SIGTERM)
            code = process.wait()
            self._processes.discard(process)
        if code not in RESULTS:
            if self._signal is None:
                text = (out / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()
                raise OutputError(f"exit code {code}: {text[-1] if text else 'no output'}")
            return None
        return read_record(out / "record.json")

    def _add(self, trial: Trial, record: dict[str, Any], machine: str | None = None) -> None:
        """Add the row of a run, remove its folder, and print a line. machine: of the row (default: from the folder)."""
        with self._lock:
            folder = self.out / trial.name
            row = rows.add(trial, record, self.study, self._commit, machine or describe_processors(folder, record))
            shutil.rmtree(folder, ignore_errors=True)
            self._done += 1
            left = (time.monotonic() - self._begin) / self._done * (len(self.trials) - self._done)
            result = row["diverged"] or f"test accuracy {float(row['final_test_accuracy']):.4f}"
            print(f"{self._done} of {len(self.trials)}: {' '.join(trial.key[:3])} seed {trial.seed}: "
                  f"{result}{', dead' * int(row['dead'])}, {row['seconds']} s; about "
                  f"{int(left // 3600)} h {int(left % 3600 // 60):02} min left", flush=True)
