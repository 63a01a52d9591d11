"""Reports a framework's version and the device that it sees."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator
from typing import Any

from frameworks import backend, version
from frameworks.epoch import DeviceMissingError
from tests.harness.gpu.place import Check, Place, Result

#: What nvidia-smi reports of each card.
QUERY = "index,uuid,name,driver_version,memory.total,memory.used"
#: The variable that lists the visible cards: by index, in the order that gpu.sh sets, or by UUID.
VISIBLE = "CUDA_VISIBLE_DEVICES"


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield the checks of a framework's environment."""
    if place.framework == "mxnet":
        yield "what its wheel does on the card", lambda until: _try_mxnet()
    else:
        yield "device", lambda until: _find_device(place)


def _find_device(place: Place) -> Result:
    ported = backend(place.framework)
    try:
        device = ported.choose_device(place.device)
    except DeviceMissingError as error:
        return {"passed": False, "error": f"{error}; {_describe_build(place.framework)}"}
    found: dict[str, Any] = {"device": str(device), "version": version(place.framework)}
    if not place.rehearse:
        found |= _describe_torch_card() if place.framework == "torch" else _describe_tensorflow_card()
    return {"passed": True, "python": platform.python_version(), **found}


def _describe_build(framework: str) -> str:
    """Return whether a framework's wheel has code for GPUs: without it no driver helps."""
    if framework == "torch":
        import torch

        return f"torch {version('torch')} is built for CUDA {torch.version.cuda}" if torch.version.cuda else (
            f"torch {version('torch')} is built without CUDA")
    import tensorflow as tf

    built: Any = tf.sysconfig.get_build_info()
    return f"tensorflow {tf.__version__} is built {'with' if built['is_cuda_build'] else 'without'} CUDA"


def _describe_torch_card() -> dict[str, Any]:
    import torch

    return {"card": torch.cuda.get_device_name(0), "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version(),
            "capability": list(torch.cuda.get_device_capability(0))}


def _describe_tensorflow_card() -> dict[str, Any]:
    import tensorflow as tf

    card = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    built: Any = tf.sysconfig.get_build_info()
    return {"card": card.get("device_name"), "cuda": built.get("cuda_version"), "cudnn": built.get("cudnn_version"),
            "capability": list(card.get("compute_capability", ()))}


def _try_mxnet() -> Result:
    """Return, in one line, what an array on MXNet's GPU does; nothing is promised of it."""
    backend("mxnet")
    import mxnet as mx

    try:
        seen = mx.context.num_gpus()
        mx.nd.ones((1,), ctx=mx.gpu()).asnumpy()
        what = f"sees {seen} GPUs, and computes on the first"
    except Exception as error:  # MXNetError; without CUDA also others
        what = f"cannot use a GPU: {str(error).strip().splitlines()[-1][:200]}"
    return {"passed": None, "version": version("mxnet"), "line": f"mxnet {version('mxnet')}: {what}"}


def query_cards() -> list[dict[str, str]]:
    """Return what nvidia-smi reports of each card, memory in MiB; nothing without nvidia-smi."""
    try:
        done = subprocess.run(["nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader,nounits"],
                              capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return []
    return [dict(zip(QUERY.split(","), map(str.strip, line.split(",")))) for line in done.stdout.splitlines()]


def find_card(cards: list[dict[str, str]]) -> dict[str, str] | None:
    """Return the card that the frameworks use, which is the first visible one; None if it is not among the cards."""
    first = os.environ.get(VISIBLE, "0").split(",")[0].strip()
    return next((card for card in cards if first == card["index"] or (
        first.startswith("GPU-") and card["uuid"].startswith(first))), None)
