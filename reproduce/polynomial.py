"""The chapter's second exercise, a polynomial from .3 to .01 in 30 epochs.

python reproduce/polynomial.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks.schedule import Polynomial
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment

EXPERIMENT = Experiment(
    name="polynomial",
    section="Exercises, 2",
    schedule=Polynomial(base_lr=0.3, final_lr=0.01, power=2.0, updates=30),
)

if __name__ == "__main__":
    leave(main(EXPERIMENT))
