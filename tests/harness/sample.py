"""Extracts the images that the gate trains on from Fashion-MNIST: python -m tests.harness.sample"""

from __future__ import annotations

import sys

import numpy as np

from frameworks.arguments import Parser
from frameworks.weights import compute_digest
from parity.gate.training.sample import IMAGES, PATH
from reproduce.trainer.data import FILES, find_folder, read


def main() -> int:
    """Write the sample and print its SHA-256."""
    Parser(prog="python -m tests.harness.sample",
           description="Write parity/gate/training/sample.npz.").parse_args()
    images, labels = (read(file, find_folder())[:IMAGES] for file in FILES[:2])
    np.savez_compressed(PATH, images=images, labels=labels)
    print(f"{PATH.name}: SHA-256 {compute_digest([images, labels])} of {IMAGES} images and labels")
    return 0


if __name__ == "__main__":
    sys.exit(main())
