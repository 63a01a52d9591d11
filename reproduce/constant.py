"""The chapter's first training, at the constant rate .3.

python reproduce/constant.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks.schedule import Constant
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment

PER_EPOCH = Constant(base_lr=0.3)

EXPERIMENT = Experiment(
    name="constant",
    section="Toy problem",
    schedule=PER_EPOCH,
    printed={"mxnet": PER_EPOCH, "torch": PER_EPOCH, "tensorflow": PER_EPOCH},
)

if __name__ == "__main__":
    leave(main(EXPERIMENT))
