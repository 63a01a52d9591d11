"""Lists the steps of the checks on a GPU, with each one's share of the time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A part of the checks, which runs in a separate process.

    name: of its result file, FRAMEWORK-PART.
    module: in this folder; its `list_checks` yields names and functions.
    framework: the framework that it imports.
    weight: its share of the time: each step may use weight / (weights of itself and of all later steps) of the rest.
        Most need a part of it, which is left to the later steps; the first import of a framework is slow.
    needs_data: whether it reads Fashion-MNIST (default: no).
    needs_device: whether it needs a GPU, or in a rehearsal the CPU (default: yes).
    """

    name: str
    module: str
    framework: str
    weight: int
    needs_data: bool = False
    needs_device: bool = True


#: In this order; the first of a framework shows whether the framework and its device are there.
STEPS = (
    Step("torch-environment", "environment", "torch", 6, needs_device=False),
    Step("tensorflow-environment", "environment", "tensorflow", 6, needs_device=False),
    Step("mxnet-environment", "environment", "mxnet", 4, needs_device=False),
    Step("torch-updates", "updates", "torch", 8),
    Step("tensorflow-updates", "updates", "tensorflow", 12),
    Step("torch-rates", "torch_rates", "torch", 10),
    Step("tensorflow-rates", "tensorflow_rates", "tensorflow", 14),
    Step("torch-resume", "resume", "torch", 4),
    Step("tensorflow-resume", "resume", "tensorflow", 5),
    Step("torch-lockstep", "lockstep", "torch", 4),
    Step("tensorflow-lockstep", "lockstep", "tensorflow", 7),
    Step("torch-epoch", "epoch", "torch", 4, needs_data=True),
    Step("tensorflow-epoch", "epoch", "tensorflow", 4, needs_data=True),
    Step("torch-many", "torch_many", "torch", 6),
    Step("torch-chapter", "chapter", "torch", 9, needs_data=True),
    Step("tensorflow-chapter", "chapter", "tensorflow", 9, needs_data=True),
)
