"""Lists all libraries of the table, in its order."""

from __future__ import annotations

from parity.pages.coverage import (
    composer_rows,
    deepspeed_rows,
    fairseq_rows,
    fvcore_rows,
    gluoncv_rows,
    ignite_rows,
    keras_rows,
    megatron_rows,
    mlx_rows,
    mmengine_rows,
    mxnet_rows,
    olmo_rows,
    optax_rows,
    paddle_rows,
    timm_rows,
    torch_rows,
    torchtitan_rows,
    transformers_rows,
)
from parity.pages.coverage.row import Library

LIBRARIES: tuple[Library, ...] = tuple(module.LIBRARY for module in (
    torch_rows, keras_rows, mxnet_rows, gluoncv_rows, optax_rows, transformers_rows, timm_rows, fvcore_rows,
    ignite_rows, composer_rows, paddle_rows, mmengine_rows, olmo_rows, mlx_rows, deepspeed_rows, megatron_rows,
    torchtitan_rows, fairseq_rows))
