"""Reads labelled photos: a folder for each class, a dataset of torchvision, Fashion-MNIST, or made images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from frameworks.whole_files import describe_error
from reproduce.trainer.data import DataError, load

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
#: The sources that --data names besides folders; "torchvision:CIFAR10" is another.
FASHION, MADE = "fashion-mnist", "made"


@dataclass(frozen=True)
class Images:
    """Labelled images. labels: int64, from 0. classes: the names. read: returns the image of an index."""

    labels: np.ndarray
    classes: tuple[str, ...]
    read: Callable[[int], Image.Image]


def open_images(source: str, folder: Path | None) -> tuple[Images, Images]:
    """Return the training and the validation images. Raises DataError.

    source: the path of a folder with `train` and `val`, "fashion-mnist", "made", or "torchvision:" and the name of a
        class of torchvision.datasets. folder: of the data of the latter two (default: the usual folders).
    """
    if source == MADE:
        return _make_images(8, 0), _make_images(4, 1)
    if source == FASHION:
        data = load(folder)
        training, testing = (_wrap_arrays(*part) for part in (data.training, data.testing))
        return training, testing
    if source.startswith("torchvision:"):
        return _open_torchvision(source.partition(":")[2], folder)
    return _check_classes(_list_folder(Path(source) / "train"), _list_folder(Path(source) / "val"), source)


def _list_folder(folder: Path) -> Images:
    """Return the images of a folder, in the order of their paths; a class for each folder in it."""
    try:
        classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
        files = [(label, path) for label, name in enumerate(classes) for path in sorted((folder / name).rglob("*"))
                 if path.suffix.lower() in ENDINGS]
    except OSError as error:
        raise DataError(f"{folder}: {describe_error(error)}; --data must have the folders train and val") from None
    if empty := set(classes or ["CLASS"]) - {classes[label] for label, _ in files}:
        raise DataError(f"{folder / min(empty)}: must have images ({', '.join(ENDINGS)}), found none")

    def read(index: int) -> Image.Image:
        path = files[index][1]
        try:
            with Image.open(path) as image:
                return image.convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise DataError(f"{path}: cannot be read as an image: {describe_error(error)[:200]}") from None

    return Images(np.array([label for label, _ in files], np.int64), tuple(classes), read)


def _check_classes(training: Images, testing: Images, source: str) -> tuple[Images, Images]:
    if training.classes != testing.classes:
        other = sorted(set(training.classes) ^ set(testing.classes))[0]
        raise DataError(f"{source}: train and val must have the same classes; only one of them has {other}")
    return training, testing


def _open_torchvision(name: str, folder: Path | None) -> tuple[Images, Images]:
    from torchvision import datasets

    kind: Any = getattr(datasets, name, None)
    if not isinstance(kind, type):
        raise DataError(f"data: torchvision.datasets has no class {name!r}")
    parts = []
    for train, split in ((True, "train"), (False, "test" if name in ("STL10", "SVHN") else "val")):
        try:
            try:
                part = kind(str(folder or "."), train=train)
            except TypeError:  # it names its parts otherwise
                part = kind(str(folder or "."), split=split)
        except (RuntimeError, OSError, TypeError, ValueError) as error:
            raise DataError(f"torchvision:{name}: {' '.join(str(error).split())[:300]}") from None
        labels = [int(part[index][1]) for index in range(len(part))] if not hasattr(part, "targets") else part.targets
        names = getattr(part, "classes", None) or tuple(map(str, range(int(max(labels)) + 1)))
        parts.append(Images(np.array(labels, np.int64), tuple(names),
                            lambda index, part=part: part[index][0].convert("RGB")))
    return parts[0], parts[1]


def _wrap_arrays(pixels: np.ndarray, labels: np.ndarray) -> Images:
    def read(index: int) -> Image.Image:
        return Image.fromarray((pixels[index] * 255).round().astype(np.uint8)).convert("RGB")

    return Images(labels, tuple(map(str, range(int(labels.max()) + 1))), read)


def _make_images(count: int, seed: int) -> Images:
    """Return made images of two classes, which differ in their colours."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 128, (count, 64, 64, 3), np.uint8)
    labels = np.arange(count) % 2
    pixels[np.arange(count), :, :, 2 * labels] += 127
    return Images(labels.astype(np.int64), ("red", "blue"), lambda index: Image.fromarray(pixels[index]))
