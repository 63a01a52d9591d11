"""Measures the rates of torch's optimizers on a device, in each way of making an update."""

from __future__ import annotations

import os
import shutil
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from frameworks import backend
from frameworks.observation import GRADIENTS, SHAPES, SIZES, Observation
from frameworks.schedule import Schedule
from frameworks.torch import build
from tests.harness.gpu.agreement import FEW, SOME, choose_cases, compare_cases, find_frozen
from tests.harness.gpu.place import Check, Place, Result
from tests.harness.gpu.torch_graph import capture, measure_kept_memory

SGD, Adam = torch.optim.SGD, torch.optim.Adam


@dataclass(frozen=True)
class Way:
    """A way of making an update.

    optimizer: builds the optimizer from parameters and `lr`.
    on_device: whether its rate is in a tensor on the device, or a Python number (default).
    run: eager, graph (a CUDA graph; eager on a CPU), compiled, or frozen: compiled with the rate as a Python number.
    momentum: whether it has momentum 0.5 (default: no).
    ulps: float32 numbers that a rate may be off (default: 0).
    on_cpu: whether it is possible on a CPU (default: yes).
    """

    optimizer: Callable[..., torch.optim.Optimizer]
    on_device: bool = False
    run: str = "eager"
    momentum: bool = False
    ulps: int = 0
    on_cpu: bool = True


#: Adam with both betas 0 divides a gradient by its absolute value, so that it applies the bare rate.
_BARE: dict[str, Any] = {"betas": (0.0, 0.0), "eps": 0.0}
WAYS = {
    "for-loop": Way(partial(SGD, foreach=False)),
    "foreach": Way(partial(SGD, foreach=True)),
    "fused": Way(partial(SGD, fused=True)),
    "fused, rate on the device": Way(partial(SGD, fused=True), True),
    "Adam, foreach": Way(partial(Adam, foreach=True, **_BARE)),
    "compiled": Way(SGD, True, "compiled"),
    "fused, graph": Way(partial(SGD, fused=True), True, "graph"),
    "fused with momentum, graph": Way(partial(SGD, fused=True, momentum=0.5), True, "graph", momentum=True),
    "Adam, fused, graph": Way(partial(Adam, fused=True, capturable=True, **_BARE), True, "graph"),
    # It divides by the reciprocal of the rate, which is rounded: one rate in seven is one float32 number off.
    "Adam, capturable, graph": Way(partial(Adam, foreach=True, capturable=True, **_BARE), True, "graph", ulps=1,
                                   on_cpu=False),
}
#: Ways whose rate is frozen: the check must find it.
FROZEN = {"compiled, with the rate as a Python number": Way(SGD, run="frozen"),
          "graph, with the rate as a Python number": Way(partial(SGD, fused=True), run="graph", on_cpu=False)}


class Stepper:
    """Makes updates in one way, schedule after schedule, with one optimizer and one graph or compiled step.

    way: how. device: of weights, gradients and the optimizer's state. dtype: the type of the weights. compiler: the
    backend of torch.compile.
    """

    def __init__(self, way: Way, device: torch.device, dtype: str = "float32", compiler: str = "inductor") -> None:
        kind = getattr(torch, dtype)
        self.way, self.device, self.compiler = way, device, compiler
        self.memory = torch.zeros(sum(SIZES), dtype=kind, device=device)
        self.weights = [torch.nn.Parameter(part.view(shape)) for part, shape in zip(self.memory.split(SIZES), SHAPES)]
        for weight, gradient in zip(self.weights, GRADIENTS):
            weight.grad = torch.full_like(weight, gradient)
        rate = torch.tensor(1.0, device=device) if way.on_device else 1.0
        self.optimizer = way.optimizer(self.weights, lr=rate)
        self.step: Callable[[], Any] | None = None

    def observe(self, schedule: Schedule, updates: int) -> np.ndarray:
        """Return the applied rates of updates from 0 on: float32, shape (updates, 11)."""
        scheduler = build(schedule, self.optimizer)
        self.step = self.step or self._build_step()  # after the schedule: what is frozen then is its first rate
        with torch.no_grad():
            for state in self.optimizer.state.values():
                for tensor in state.values():
                    if isinstance(tensor, torch.Tensor):
                        tensor.zero_()
        seen = torch.empty((updates, sum(SIZES)), dtype=self.memory.dtype, device=self.device)
        for row in seen.unbind():
            self.memory.zero_()
            self.step()
            row.copy_(self.memory)
            scheduler.step()
        rates = seen.float().cpu().numpy()
        if isinstance(self.optimizer, Adam):
            rates = rates * np.abs(np.repeat(np.float32(GRADIENTS), SIZES))
        return Observation.from_weights(rates, []).applied

    def _build_step(self) -> Callable[[], Any]:
        if self.way.run == "graph":
            return capture(self.optimizer.step, self.device)
        if self.way.run == "eager":
            return self.optimizer.step
        rate = float(self.optimizer.param_groups[0]["lr"])

        @torch.no_grad()
        def step_with_number() -> None:
            for weight in self.weights:
                weight.add_(weight.grad, alpha=-rate)

        step = self.optimizer.step if self.way.run == "compiled" else step_with_number
        return torch.compile(step, backend=self.compiler)


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield the checks of torch's rates."""
    device = backend("torch").choose_device(place.device)
    compiler = "aot_eager" if place.rehearse else "inductor"  # which takes half a minute on a CPU
    cases, most = choose_cases(place.rehearse), FEW if place.rehearse else SOME

    def compare(way: Way, dtype: str, most: int | None, until: float) -> Result:
        stepper = Stepper(way, device, dtype, compiler)
        return compare_cases(stepper.observe, cases, most, until, dtype=dtype, momentum=way.momentum, ulps=way.ulps)

    for name, way in WAYS.items():
        for dtype in ("float32", "bfloat16"):
            if dtype == "float32" or not (way.momentum or way.ulps):
                why = find_reason(way, place.rehearse)
                yield f"{name}, {dtype}", partial(_leave_out, why) if why else partial(compare, way, dtype, most)
    for name, way in FROZEN.items():
        why = find_reason(way, place.rehearse)
        yield f"planted: {name}", partial(_leave_out, why) if why else (
            lambda until, way=way: find_frozen(Stepper(way, device, compiler=compiler).observe))

    def measure_memory(until: float) -> Result:
        torch.compiler.reset()  # compiled code is kept for later calls, with what it refers to
        kept = measure_kept_memory(device)
        return {"passed": not kept, "kept_bytes": kept}

    yield "memory freed", measure_memory


def find_reason(way: Way, rehearse: bool) -> str | None:
    """Return why an update cannot be made in a way; None if it can.

    On a GPU, torch.compile needs a compiler of C and Python's headers: Triton compiles the start of its kernels.
    """
    if rehearse:
        return None if way.on_cpu else "not possible on a CPU"
    if way.run not in ("compiled", "frozen"):
        return None
    compilers = [name for name in (os.environ.get("CC"), "gcc", "clang") if name]
    if not any(map(shutil.which, compilers)):
        return f"torch.compile needs a C compiler: none of {', '.join(compilers)} is installed"
    header = Path(sysconfig.get_path("include"), "Python.h")
    return None if header.exists() else f"torch.compile needs Python's headers: {header} is missing"


def _leave_out(why: str, until: float) -> Result:
    return {"passed": None, "why": why}
