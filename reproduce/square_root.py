"""The chapter's square-root schedule, from .1.

python reproduce/square_root.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project, in place of this folder

from frameworks.schedule import Hold, InverseSquareRoot, Shift
from reproduce.command import main
from reproduce.experiment import Experiment, one_epoch_late
from reproduce.start import EPOCH

PER_EPOCH = InverseSquareRoot(base_lr=0.1)

EXPERIMENT = Experiment(
    name="square_root",
    section="Schedulers",
    per_epoch=PER_EPOCH,
    printed={
        "mxnet": Shift(by=1, of=PER_EPOCH),  # Gluon's count is of updates, and starts at 1
        "torch": one_epoch_late(0.1, PER_EPOCH),
        "tensorflow": Hold(updates=EPOCH, of=PER_EPOCH),
    },
)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
