"""The chapter's factor schedule: times .9 each epoch, from .3 down to .01.

python reproduce/factor.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks.schedule import Factor
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment

EXPERIMENT = Experiment(
    name="factor",
    section="Factor scheduler",
    schedule=Factor(base_lr=0.3, factor=0.9, min_lr=0.01),  # the book draws it from 2.0 and does not train with it
)

if __name__ == "__main__":
    leave(main(EXPERIMENT))
