"""The chapter's warm-up over 5 epochs to .3, then a cosine to .01 by epoch 20.

python reproduce/warmup.py --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from frameworks.schedule import Cosine, Warmup
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment, build_printed

PER_EPOCH = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))

EXPERIMENT = Experiment(
    name="warmup",
    section="Warm-up",
    schedule=PER_EPOCH,
    printed=build_printed(PER_EPOCH, 0.3),
    draw=5,
)

if __name__ == "__main__":
    leave(main(EXPERIMENT))
