"""The chapter's cosine schedule, from .3 to .01 in 20 epochs.

python reproduce/cosine.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks.schedule import Cosine
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment, build_printed

PER_EPOCH = Cosine(base_lr=0.3, final_lr=0.01, updates=20)

EXPERIMENT = Experiment(
    name="cosine",
    section="Cosine scheduler",
    schedule=PER_EPOCH,
    printed=build_printed(PER_EPOCH, 0.3),
    draw=4,
)

if __name__ == "__main__":
    leave(main(EXPERIMENT))
