"""Tests that the frameworks' loaders of Fashion-MNIST return the same arrays as ours, from the same files."""

from __future__ import annotations

import gzip
import shutil
import socket

import numpy as np
import pytest

from reproduce.trainer import data


@pytest.fixture(scope="module")
def packed_images():
    folder = data.find_folder()
    if folder is None:
        pytest.fail("Fashion-MNIST is not here: apt-get install dataset-fashion-mnist, or run reproduce/cosine.py, "
                    "which downloads it")
    return folder


@pytest.fixture(scope="module")
def ours(packed_images):
    return data.load(packed_images)


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Prevent downloads in place of the files."""
    def refuse(*_, **__):
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def unpack(packed_images, folder):
    folder.mkdir(parents=True)
    for file in data.FILES:
        if (packed_images / file.name).is_file():
            shutil.copy(packed_images / file.name, folder)
        else:
            with gzip.open(packed_images / f"{file.name}.gz") as stream, open(folder / file.name, "wb") as out:
                shutil.copyfileobj(stream, out)


def copy(packed_images, folder):
    """Copy the compressed files under their names."""
    folder.mkdir(parents=True)
    for file in data.FILES:
        if (packed_images / f"{file.name}.gz").is_file():
            shutil.copy(packed_images / f"{file.name}.gz", folder)
        else:
            (folder / f"{file.name}.gz").write_bytes(gzip.compress((packed_images / file.name).read_bytes(), 1))


@pytest.mark.parametrize("train", [True, False])
def test_torchvision(train, packed_images, ours, tmp_path):
    """Tests FashionMNIST with ToTensor, as in the PyTorch tab, image by image; every seventh of the training set."""
    import torch
    from torchvision import transforms
    from torchvision.datasets import FashionMNIST

    unpack(packed_images, tmp_path / "FashionMNIST" / "raw")
    theirs = FashionMNIST(tmp_path, train=train, transform=transforms.ToTensor())
    images, labels = ours.training if train else ours.testing
    assert len(theirs) == len(images)
    assert torch.equal(theirs.targets, torch.from_numpy(labels))
    assert torch.equal(theirs.data.to(torch.float32) / 255, torch.from_numpy(images))
    for index in range(0, len(images), 7 if train else 1):
        image, label = theirs[index]
        assert image.shape == (1, 28, 28)
        assert torch.equal(image[0], torch.from_numpy(images[index]))
        assert label == labels[index]


def test_keras(packed_images, ours, tmp_path, monkeypatch):
    """`keras.datasets.fashion_mnist` reads the same files, without checking them, and returns bytes."""
    from keras.src.datasets import fashion_mnist

    copy(packed_images, tmp_path / "fashion")
    monkeypatch.setattr(fashion_mnist, "get_file", lambda name, **_: str(tmp_path / "fashion" / name))
    theirs = fashion_mnist.load_data()
    for (images, labels), (pixels, numbers) in zip(theirs, (ours.training, ours.testing), strict=True):
        assert images.dtype == np.uint8
        assert np.array_equal((images / 255).astype(np.float32), pixels)
        assert np.array_equal(labels, numbers)


@pytest.mark.parametrize("train", [True, False])
def test_gluon(train, packed_images, ours, tmp_path, monkeypatch):
    """Tests Gluon's FashionMNIST and ToTensor, without its check of the SHA-1 of the official compressed files."""
    import mxnet as mx
    from mxnet.gluon.data.vision import FashionMNIST, datasets, transforms

    copy(packed_images, tmp_path / "gluon")
    monkeypatch.setattr(datasets, "download", lambda url, path, **_: str(tmp_path / "gluon" / url.split("/")[-1]))
    theirs = FashionMNIST(root=str(tmp_path / "gluon"), train=train)
    images, labels = ours.training if train else ours.testing
    assert theirs._data.shape == (len(images), 28, 28, 1)
    assert np.array_equal(theirs._label, labels)
    part = slice(0, 10000)
    tensors = transforms.ToTensor()(theirs._data[part]).asnumpy()
    assert np.array_equal(tensors[:, 0], images[part])
    assert np.array_equal(theirs._data.asnumpy()[..., 0].astype(np.float32) / np.float32(255), images)
    assert isinstance(theirs[0][0], mx.nd.NDArray)
