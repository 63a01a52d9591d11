"""Names the release of each library whose rates `port` reads: other releases may apply others."""

from __future__ import annotations

#: The release for which a reader was compared with the library, by the names of SOURCES.
RELEASES = {
    "mxnet": "mxnet 1.9.1", "gluoncv": "gluoncv 0.10.5", "torch": "torch 2.14", "tensorflow": "keras 3.15",
    "transformers": "transformers 5.24", "timm": "timm 1.0.31", "optax": "optax 0.2.8", "paddle": "paddlepaddle 3.3",
    "composer": "mosaicml 0.32", "fvcore": "fvcore 0.1.5", "lightning": "pytorch_lightning 2.6",
    "mmengine": "mmengine 0.10.7", "detectron2": "detectron2 of June 2026", "olmo": "ai2-olmo-core 3.0.0",
    "mlx": "mlx 0.32", "deepspeed": "deepspeed 0.19.8", "megatron": "megatron-core 0.16.1",
    "torchtitan": "torchtitan 0.2.2", "fairseq": "fairseq 0.12.2", "ignite": "pytorch-ignite 0.5.5"}
