"""Settings of a training of a large network on photos, the same in every framework."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: The networks, by the names of torchvision.
NETWORKS = ("resnet18", "resnet50")
#: Mean and standard deviation of ImageNet's pixels from 0 to 1: red, green, blue.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
#: As in GluonCV's recipe for ResNet-50; the decay does not apply to biases and normalisation layers.
MOMENTUM, DECAY, SMOOTHING = 0.9, 1e-4, 0.1


@dataclass(frozen=True)
class Settings:
    """Holds what decides a training besides its schedule.

    network: one of `NETWORKS`.
    classes: the number of classes.
    side: height and width of the images, in pixels.
    batch: the images of an update, of all devices together.
    seed: of the first weights.
    mixed: compute in 16 bits and keep the weights in 32 (default: no).
    device: "auto", "cpu" or "gpu" (default: "auto").
    devices: how many devices share each batch (default: 1).
    """

    network: str
    classes: int
    side: int
    batch: int
    seed: int
    mixed: bool = False
    device: str = "auto"
    devices: int = 1


def normalise(images: np.ndarray) -> np.ndarray:
    """Return images of bytes, shape (n, height, width, 3), as float32 with ImageNet's mean 0 and deviation 1."""
    scale = np.float32(1) / (np.float32(255) * np.array(DEVIATION, np.float32))
    return images * scale - np.array(MEAN, np.float32) / np.array(DEVIATION, np.float32)
