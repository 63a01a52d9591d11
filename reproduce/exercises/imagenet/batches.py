"""Draws, reads, crops and mirrors the images of each batch, the same in every framework for one seed.

Source: the transforms of torchvision's and GluonCV's trainings on ImageNet, without those of colours.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from PIL import Image

from reproduce.exercises.imagenet.images import Images

#: The share of an image's area, and the ratio of width to height, of a training crop.
AREA, RATIO = (0.08, 1.0), (3 / 4, 4 / 3)
#: The shorter side to which a validation image is resized, over the side of its crop.
BORDER = 1 / 0.875
#: The batches that are read ahead.
AHEAD = 3

Batch = tuple[np.ndarray, np.ndarray]


def draw_orders(seed: int, epoch: int, images: int, batch: int) -> list[np.ndarray]:
    """Return the images of each batch of an epoch: a new order each epoch; images that fill no batch are left out."""
    order = np.random.default_rng((seed, 1, epoch)).permutation(images)
    return [order[start:start + batch] for start in range(0, images - batch + 1, batch)]


def read_training(images: Images, orders: Iterable[np.ndarray], side: int, seed: int, epoch: int, workers: int,
                  ) -> Iterator[Batch]:
    """Yield the cropped and mirrored images of each batch, and the labels.

    orders: the images of each batch. side: of the crops, in pixels. seed, epoch: decide crops with the image's index.
    workers: threads that read images.
    """
    def cut(index: int) -> np.ndarray:
        return crop_randomly(images.read(index), side, np.random.default_rng((seed, 2, epoch, index)))

    return _read_ahead(images, orders, cut, workers)


def read_validation(images: Images, side: int, batch: int, workers: int) -> Iterator[Batch]:
    """Yield the centres of all images, and the labels; arguments as of `read_training`."""
    orders = (np.arange(start, min(start + batch, len(images.labels))) for start in range(0, len(images.labels), batch))
    return _read_ahead(images, orders, lambda index: crop_centre(images.read(index), side), workers)


def _read_ahead(images: Images, orders: Iterable[np.ndarray], cut: Callable[[int], np.ndarray], workers: int,
                ) -> Iterator[Batch]:
    waiting: deque[tuple[np.ndarray, list[Future[np.ndarray]]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for order in orders:
                waiting.append((order, [pool.submit(cut, int(index)) for index in order]))
                if len(waiting) > AHEAD:
                    yield _collect(images, *waiting.popleft())
            while waiting:
                yield _collect(images, *waiting.popleft())
        finally:
            for _, futures in waiting:
                for future in futures:
                    future.cancel()


def _collect(images: Images, order: np.ndarray, futures: list[Future[np.ndarray]]) -> Batch:
    return np.stack([future.result() for future in futures]), images.labels[order]


def crop_randomly(image: Image.Image, side: int, random: np.random.Generator) -> np.ndarray:
    """Return a random part of an image, resized to a square, mirrored half the time: bytes, shape (side, side, 3)."""
    width, height = image.size
    box = (0, 0, width, height)
    for _ in range(10):
        area = width * height * random.uniform(AREA[0], AREA[1])
        ratio = math.exp(random.uniform(math.log(RATIO[0]), math.log(RATIO[1])))
        wide, high = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < wide <= width and 0 < high <= height:
            left, top = int(random.integers(0, width - wide + 1)), int(random.integers(0, height - high + 1))
            box = (left, top, left + wide, top + high)
            break
    pixels = np.asarray(image.resize((side, side), Image.Resampling.BILINEAR, box=box))
    return pixels[:, ::-1] if random.random() < 0.5 else pixels


def crop_centre(image: Image.Image, side: int) -> np.ndarray:
    """Return the centre of an image, whose shorter side is resized first: bytes, shape (side, side, 3)."""
    shorter = side * BORDER
    scale = shorter / min(image.size)
    wide, high = (max(side, round(length * scale)) for length in image.size)
    left, top = (wide - side) // 2, (high - side) // 2
    resized = image.resize((wide, high), Image.Resampling.BILINEAR)
    return np.asarray(resized.crop((left, top, left + side, top + side)))
