"""Trains with the usual loop of each framework, as in the book; the benchmark compares with it.

Each function yields the seconds of each epoch with its evaluation. `folder` has Fashion-MNIST's files, unpacked in
FashionMNIST/raw (torchvision) and compressed in gluon.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

RATE = 0.1
BATCH = 256


def torch(folder: Path, epochs: int, device: str = "cpu", most: int | None = None) -> Iterator[float]:
    """Train with torchvision's FashionMNIST and ToTensor through a DataLoader; the loss is read at each update.

    device: torch's name of the device (default: "cpu"). most: the number of images of each set (default: all).
    """
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Subset
    from torchvision import transforms
    from torchvision.datasets import FashionMNIST

    training, testing = (FashionMNIST(folder, train=train, transform=transforms.ToTensor()) for train in (True, False))
    training, testing = (Subset(each, range(min(len(each), most or len(each)))) for each in (training, testing))
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)).to(device)
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    for _ in range(epochs):
        begin, total, correct = time.perf_counter(), 0.0, 0
        for images, labels in DataLoader(training, BATCH, shuffle=True):
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            outputs = net(images)
            loss = loss_of(outputs, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            correct += (outputs.argmax(dim=1) == labels).sum().item()
        with torch.no_grad():
            for images, labels in DataLoader(testing, BATCH):
                correct += (net(images.to(device)).argmax(dim=1) == labels.to(device)).sum().item()
        yield time.perf_counter() - begin


def mxnet(folder: Path, epochs: int) -> Iterator[float]:
    """Train with gluon.data's FashionMNIST and ToTensor through a DataLoader; the loss is read at each update."""
    import frameworks.numpy_bool  # noqa: F401, I001
    import mxnet as mx
    from mxnet import autograd, gluon
    from mxnet.gluon import nn
    from mxnet.gluon.data import DataLoader
    from mxnet.gluon.data.vision import FashionMNIST, datasets, transforms

    datasets.download = lambda url, path, **_: str(Path(path) / url.split("/")[-1])  # it is already there
    training, testing = (FashionMNIST(str(folder / "gluon"), train).transform_first(transforms.ToTensor())
                         for train in (True, False))
    mx.random.seed(0)
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(6, kernel_size=5, padding=2, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Conv2D(16, kernel_size=5, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Dense(120, activation="relu"), nn.Dense(84, activation="relu"), nn.Dense(10))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": RATE})
    for _ in range(epochs):
        begin, total, correct = time.perf_counter(), 0.0, 0
        for images, labels in DataLoader(training, BATCH, shuffle=True):
            with autograd.record():
                outputs = net(images)
                loss = loss_of(outputs, labels)
            loss.backward()
            trainer.step(len(labels))
            total += loss.sum().asscalar()
            correct += (outputs.argmax(axis=1).astype("int32") == labels).sum().asscalar()
        for images, labels in DataLoader(testing, BATCH):
            correct += (net(images).argmax(axis=1).astype("int32") == labels).sum().asscalar()
        yield time.perf_counter() - begin


def tensorflow(folder: Path, epochs: int, device: str = "/CPU:0", most: int | None = None) -> Iterator[float]:
    """Train with tf.data and `fit`. device: TensorFlow chooses it. most: the images of each set (default: all)."""
    import keras
    import tensorflow as tf
    from keras import layers

    from reproduce.trainer.data import FILES, read

    images, labels, test_images, test_labels = (read(file, folder / "gluon")[:most] for file in FILES)
    training, testing = (
        tf.data.Dataset.from_tensor_slices((tf.expand_dims(pixels, axis=3) / 255, tf.cast(numbers, tf.int32)))
        for pixels, numbers in ((images, labels), (test_images, test_labels)))
    keras.utils.set_random_seed(0)
    net = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, kernel_size=5, padding="same", activation="relu"), layers.MaxPool2D(pool_size=2, strides=2),
        layers.Conv2D(16, kernel_size=5, activation="relu"), layers.MaxPool2D(pool_size=2, strides=2), layers.Flatten(),
        layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"), layers.Dense(10)])
    net.compile(optimizer=keras.optimizers.SGD(RATE), metrics=["accuracy"],
                loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    training, testing = training.shuffle(len(images)).batch(BATCH), testing.batch(BATCH)
    for _ in range(epochs):
        begin = time.perf_counter()
        net.fit(training, epochs=1, verbose=0)
        net.evaluate(testing, verbose=0)
        yield time.perf_counter() - begin
