"""Replays a step of torch as a CUDA graph, and reads what memory of the card is in use."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Any

import torch

#: The calls of a step before it is captured, in which libraries allocate what they keep.
WARM_UP = 3


def capture(step: Callable[[], Any], device: torch.device, state: Sequence[torch.Tensor] = ()) -> Callable[[], Any]:
    """Return a function that replays a step as a CUDA graph; on the CPU, the step itself.

    state: the tensors that the step changes; they are as before afterwards, although the step was called.

    A graph replays kernels with the arguments that they had: a Python number is frozen, and so is a rate in a tensor of
    the CPU. A tensor on the device is read at each replay.
    """
    if device.type != "cuda":
        return step
    before = [tensor.detach().clone() for tensor in state]
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    with torch.no_grad():
        for tensor, values in zip(state, before, strict=True):
            tensor.copy_(values)
    return graph.replay


def measure_kept_memory(device: torch.device) -> int:
    """Return the bytes on the card that live tensors use, after a collection; 0 on the CPU."""
    gc.collect()
    if device.type != "cuda":
        return 0
    torch.cuda.synchronize()
    getattr(torch._C, "_cuda_clearCublasWorkspaces", lambda: None)()  # cuBLAS keeps some for later calls
    torch.cuda.empty_cache()
    return torch.cuda.memory_allocated(device)
