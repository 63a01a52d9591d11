"""One forward and backward pass in Gluon, without an update."""

from __future__ import annotations

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from frameworks.weights import SHAPES


def gradients(
    net: gluon.HybridBlock, images: np.ndarray, labels: np.ndarray, context: mx.Context,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the logits, shape (n, 10), and the gradient of the mean loss for each weight, in the canonical layout.

    images: shape (n, 28, 28), in the type of the weights. labels: int64, shape (n,).
    """
    with autograd.record():
        outputs = net(mx.nd.array(images[:, None], context, images.dtype))
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(outputs, mx.nd.array(labels, context, images.dtype)).mean()
    loss.backward()
    found = (parameter.grad().asnumpy() for parameter in net.collect_params().values())
    return outputs.asnumpy(), dict(zip(SHAPES, found, strict=True))
