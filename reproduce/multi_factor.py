"""The chapter's multi-factor schedule, .5 halved at 15 and 30.

python reproduce/multi_factor.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks.chapter import EPOCH
from frameworks.schedule import Constant, Hold, MultiFactor
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment

EXPERIMENT = Experiment(
    name="multi_factor",
    section="Multi factor scheduler",
    schedule=MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30]),
    printed={  # plotting a scheduler uses it up; Gluon's keeps the drop at update 30, TensorFlow's at epoch 15
        "mxnet": MultiFactor(base_lr=0.25, factor=0.5, milestones=[30]),
        "torch": Constant(base_lr=0.125),
        "tensorflow": Hold(updates=EPOCH, of=MultiFactor(base_lr=0.25, factor=0.5, milestones=[15])),
    },
    draw=3,
)

if __name__ == "__main__":
    leave(main(EXPERIMENT))
