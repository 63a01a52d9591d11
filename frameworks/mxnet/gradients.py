"""Makes one forward and backward pass in Gluon, without an update."""

from __future__ import annotations

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from frameworks.weights import SHAPES


def compute_gradients(
    net: gluon.HybridBlock, images: np.ndarray, labels: np.ndarray, device: mx.Context,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the logits, shape (n, 10), and the gradient of the mean loss for each weight, in the canonical layout.

    net: the network of `build_lenet`; its weights stay as they are.
    images: shape (n, 28, 28), in the type of the weights.
    labels: the digits, 0 to 9: int64, shape (n,).
    device: the device of the network.

    Source: softmax cross-entropy (nats) as the chapter computes it, averaged over the images.
    """
    with autograd.record():
        outputs = net(mx.nd.array(images[:, None], device, images.dtype))
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(outputs, mx.nd.array(labels, device, images.dtype)).mean()
    loss.backward()
    arrays = (parameter.grad().asnumpy() for parameter in net.collect_params().values())
    return outputs.asnumpy(), dict(zip(SHAPES, arrays, strict=True))
