"""Starts a process of a script for each device with torchrun, and ends with their exit code; torchrun ends with 1."""

from __future__ import annotations

import logging
import os

from torch.distributed import run
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError


def launch(devices: str, *command: str) -> int:
    """Return the exit code of the first process that failed, 0 if none did, 128 and a signal's number after a signal.

    devices: the number of processes. command: the script and its arguments.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun does, with a notice
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # the script prints its error
    try:
        run.run(run.parse_args(["--standalone", f"--nproc-per-node={devices}", *command]))
    except ChildFailedError as error:
        return max(1, error.get_first_failure()[1].exitcode)  # negative if a signal ended it
    except SignalException as stop:
        return 128 + stop.sigval
    return 0
