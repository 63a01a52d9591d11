"""Writes a schedule with the built-in classes of a framework, with a note about the difference."""

from __future__ import annotations

from collections.abc import Callable

from frameworks.schedule import Schedule
from parity.port.write.native import (
    composer,
    deepspeed,
    detectron2,
    fairseq,
    fvcore,
    gluoncv,
    ignite,
    keras,
    lightning,
    megatron,
    mlx,
    mmengine,
    mxnet,
    olmo,
    optax,
    paddle,
    timm,
    torch,
    torchtitan,
    transformers,
)
from parity.port.write.native.spelling import Spelling

#: The function for each target. It returns the spelling with built-in classes, None without such a class.
NATIVE: dict[str, Callable[[Schedule], Spelling | None]] = {
    "mxnet": mxnet.write_built_in, "torch": torch.write_built_in, "tensorflow": keras.write_built_in,
    "optax": optax.write_built_in,
    **{module.__name__.rpartition(".")[2]: module.write_built_in for module in (
        transformers, timm, paddle, composer, fvcore, gluoncv, deepspeed, megatron, mmengine,
        lightning, mlx, detectron2, torchtitan, fairseq, ignite, olmo)}}
