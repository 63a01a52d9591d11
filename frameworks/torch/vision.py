"""Trains a network of torchvision in PyTorch: SGD with momentum, in 16 bits if chosen, on one or many devices.

Many devices: one process for each, started by torchrun; DistributedDataParallel averages their gradients.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import numpy as np
import torch
from torch import distributed, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from frameworks.epoch import DeviceMissingError
from frameworks.schedule import Schedule
from frameworks.torch.schedules import build
from frameworks.torch.training import choose_device
from frameworks.vision import DECAY, MOMENTUM, SMOOTHING, Settings, normalise


def find_part() -> tuple[int, int]:
    """Return the number of this process, from 0, and how many torchrun has started; (0, 1) without torchrun."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


class VisionTraining:
    """A network and its optimizer; `update` makes one update.

    settings: the settings.
    schedule: the rate of each update from now on.

    Raises DeviceMissingError.
    """

    def __init__(self, settings: Settings, schedule: Schedule) -> None:
        from torchvision import models

        place, parts = choose_device(settings.device), find_part()[1]
        if place.type == "cuda":
            local = int(os.environ.get("LOCAL_RANK", "0"))
            if local >= torch.cuda.device_count():
                raise DeviceMissingError(f"devices: torch sees {torch.cuda.device_count()} GPUs here, expected {parts}")
            place = torch.device("cuda", local)
            torch.cuda.set_device(place)
        torch.manual_seed(settings.seed)
        net: nn.Module = getattr(models, settings.network)(num_classes=settings.classes, zero_init_residual=True)
        self.net = self.trained = net.to(place)
        if parts > 1:
            if not distributed.is_initialized():
                distributed.init_process_group("nccl" if place.type == "cuda" else "gloo", timeout=timedelta(hours=2))
            self.trained = DistributedDataParallel(self.net)
        named = list(self.net.named_parameters())
        self.optimizer = torch.optim.SGD([
            {"params": [weight for _, weight in named if weight.ndim > 1], "weight_decay": DECAY},
            {"params": [weight for _, weight in named if weight.ndim <= 1], "weight_decay": 0.0}], momentum=MOMENTUM)
        self.scheduler = build(schedule, self.optimizer)
        self.place, self.parts, self.mixed = place, parts, settings.mixed

    def update(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, Callable[[], float]]:
        """Make an update; return its rate, and a function that fetches its mean loss from the device.

        images: bytes, shape (n, side, side, 3), this process' part of the batch. labels: int64, shape (n,).
        """
        rate = float(self.optimizer.param_groups[0]["lr"])
        self.trained.train()
        self.optimizer.zero_grad()
        loss = functional.cross_entropy(self._compute(self.trained, images), torch.from_numpy(labels).to(self.place),
                                        label_smoothing=SMOOTHING)
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        loss = loss.detach()
        if self.parts > 1:
            distributed.all_reduce(loss)
        return rate, (loss / self.parts).item

    @torch.no_grad()
    def count_correct(self, images: np.ndarray, labels: np.ndarray) -> int:
        """Return how many images the network classifies correctly; arguments as of `update`."""
        self.net.eval()
        return int((self._compute(self.net, images).argmax(dim=1).cpu() == torch.from_numpy(labels)).sum())

    def _compute(self, net: nn.Module, images: np.ndarray) -> torch.Tensor:
        inputs = torch.from_numpy(normalise(images)).to(self.place).permute(0, 3, 1, 2)
        with torch.autocast(self.place.type, torch.bfloat16) if self.mixed else nullcontext():
            return net(inputs).float()

    def read_state(self) -> dict[str, np.ndarray]:
        """Return weights, running statistics and momentum, from which another training continues exactly."""
        state = {name: value.cpu().numpy() for name, value in self.net.state_dict().items()}
        for name, weight in self.net.named_parameters():
            if "momentum_buffer" in self.optimizer.state[weight]:
                state[f"momentum/{name}"] = self.optimizer.state[weight]["momentum_buffer"].cpu().numpy()
        return state

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        """Continue from what `read_state` returned, also of another number of devices."""
        self.net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()
                                  if not name.startswith("momentum/")})
        for name, weight in self.net.named_parameters():
            if f"momentum/{name}" in state:
                momentum = torch.from_numpy(np.array(state[f"momentum/{name}"])).to(self.place)
                self.optimizer.state[weight]["momentum_buffer"] = momentum
