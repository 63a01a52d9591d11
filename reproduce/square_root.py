"""The chapter's square-root schedule, from .1.

python reproduce/square_root.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks.schedule import InverseSquareRoot
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment, build_printed

PER_EPOCH = InverseSquareRoot(base_lr=0.1)

EXPERIMENT = Experiment(
    name="square_root",
    section="Schedulers",
    schedule=PER_EPOCH,
    printed=build_printed(PER_EPOCH, 0.1),
    draw=2,
)

if __name__ == "__main__":
    leave(main(EXPERIMENT))
