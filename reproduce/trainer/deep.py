"""Trains LeNet with more dense layers, in torch, and measures how far each layer moves from its first weights.

For the deep layers of Gotmare et al. 2018, arXiv 1810.13243. A run has no checkpoints: once stopped, it begins again.
With --resume auto the record of a run that has ended is kept.
"""

from __future__ import annotations

import json
import math
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np

from frameworks.epoch import Evaluation
from frameworks.weights import SHAPES, draw_first_weights
from reproduce.trainer import record as records
from reproduce.trainer.batches import draw_batches
from reproduce.trainer.checkpoint import replace_whole
from reproduce.trainer.command import build_parser, name_folder, report_errors
from reproduce.trainer.data import load
from reproduce.trainer.errors import CheckpointError, DivergedError
from reproduce.trainer.experiment import Experiment
from reproduce.trainer.folder import lock_run_folder
from reproduce.trainer.libraries import check_libraries
from reproduce.trainer.manifest import read_record

#: LeNet's layers with weights, and the width of those that are added before its last one.
LENET, WIDTH = 5, 84


def main(experiment: Experiment, arguments: list[str]) -> int:
    """Train a run of an experiment with a depth, and return the exit code. arguments: as of every experiment."""
    parser = build_parser("deep", f"Train a deeper LeNet in torch: {experiment.name}.")
    chosen = parser.parse_args(arguments)
    if chosen.framework != "torch" or chosen.variant != "described":
        parser.error("a network of another depth is trained in torch, with the variant described only")
    refused = {"--average-from": chosen.average_from, "--checkpoint-every": chosen.checkpoint_every,
               "--dry-run": chosen.dry_run, "--lr": chosen.lr is not None, "--tensorboard": chosen.tensorboard,
               "--resume DIR": chosen.resume not in (None, "auto")}
    if any(refused.values()):
        parser.error(f"a network of another depth has none of {', '.join(refused)}")
    chosen.out = chosen.out or Path("runs") / name_folder(experiment, chosen)
    return report_errors(lambda: _run(experiment, chosen))


def draw_deep_weights(depth: int, seed: int) -> dict[str, np.ndarray]:
    """Return the first weights: LeNet's, and uniform within sqrt(6 / 84) in the layers that are added, biases 0.

    This bound keeps the size of what ReLUs pass on, however many layers there are (He et al. 2015, arXiv 1502.01852).
    """
    weights, random, bound = draw_first_weights(seed), np.random.default_rng((seed, 0, depth)), math.sqrt(6 / WIDTH)
    last = {name: weights.pop(name) for name in list(SHAPES)[-2:]}
    for number in range(3, depth - LENET + 3):
        weights[f"dense{number}.weight"] = random.uniform(-bound, bound, (WIDTH, WIDTH)).astype(np.float32)
        weights[f"dense{number}.bias"] = np.zeros(WIDTH, np.float32)
    return weights | {name.replace("dense3", f"dense{depth - LENET + 3}"): last[name] for name in last}


def measure_distances(weights: dict[str, np.ndarray], first: dict[str, np.ndarray]) -> dict[str, float]:
    """Return, by layer, the distance of its weights from the first ones, divided by the norm of the first ones."""
    return {name.removesuffix(".weight"): float(np.linalg.norm(weights[name] - first[name])
                                                / np.linalg.norm(first[name]))
            for name in weights if name.endswith(".weight")}


def _build_network(weights: dict[str, np.ndarray]) -> Any:
    """Return LeNet with a dense layer and a ReLU before its last layer for each layer of the weights that it lacks."""
    from torch import nn

    from frameworks.torch.lenet import LeNet, set_weights

    net = LeNet()
    for _ in range(len(SHAPES), len(weights), 2):
        net.insert(len(net) - 1, nn.Linear(WIDTH, WIDTH))
        net.insert(len(net) - 1, nn.ReLU())
    set_weights(net, weights)
    return net


def _run(experiment: Experiment, chosen: Namespace) -> int:
    path = chosen.out / "record.json"
    if chosen.resume and path.exists() and (record := _read_ended(path, experiment, chosen)):
        if record["diverged"]:
            raise DivergedError(record["diverged"])
    else:
        with lock_run_folder(chosen):
            record = _train(experiment, chosen, path)
    last = record["epochs"][-1]
    print(f"train loss {last['train_loss']:.3f}, train acc {last['train_accuracy']:.3f}, "
          f"test acc {last['test_accuracy']:.3f}")
    return 0


def _read_ended(path: Path, experiment: Experiment, chosen: Namespace) -> dict[str, Any] | None:
    """Return the record of a run that has ended, None if it has not. Raises CheckpointError if it is another run's."""
    record = read_record(path)
    for key, value in {"experiment": experiment.name, "seed": chosen.seed, "epochs_planned": chosen.epochs}.items():
        if record[key] != value:
            raise CheckpointError(f"{path}: {key} of the run is {record[key]!r}, expected {value!r}")
    return record if record["finished"] or record["diverged"] else None


def _train(experiment: Experiment, chosen: Namespace, path: Path) -> dict[str, Any]:
    """Train, write the record to a path, and return it. Raises DivergedError."""
    check_libraries(chosen, ["torch"])
    from frameworks.torch import training

    depth, schedule = experiment.depth or LENET, experiment.build_schedule("described", "torch")
    device, data = training.choose_device(chosen.device), load(chosen.data_dir, offline=chosen.offline)
    first = draw_deep_weights(depth, chosen.seed)
    net = _build_network(first).to(device)
    record = records.build_record(
        experiment.name, "described", "torch", chosen.seed, chosen.epochs, schedule, str(device), first,
        schedule_file=experiment.file, per=experiment.per, depth=depth,
        distances={name: [] for name in measure_distances(first, first)})
    planned = {"name": Path(experiment.file or "").stem, "per": experiment.per, "depth": depth,
               "schedule": experiment.schedule.model_dump(mode="json", exclude_none=True)}
    record["command"] = (f"python reproduce/study/trial.py 0 '{json.dumps(planned)}' --framework torch "
                         f"--seed {chosen.seed} --epochs {chosen.epochs}")
    orders = [draw_batches(chosen.seed, epoch, len(data.training[0])) for epoch in range(chosen.epochs)]
    begin = time.perf_counter()
    for order, epoch in zip(orders, training.train(net, schedule, data.training, data.testing, orders, device)):
        weights = dict(zip(first, (weight.detach().cpu().numpy().copy() for weight in net.parameters())))
        if not all(np.isfinite(values).all() for values in (epoch.losses, *weights.values())):
            record["diverged"] = (f"diverged: a loss or a weight is not finite any more in epoch "
                                  f"{len(record['epochs']) + 1}")
            replace_whole(path, records.format_record(record).encode())
            raise DivergedError(record["diverged"])
        results = {}
        if len(record["epochs"]) + 1 == chosen.epochs:
            results["final"] = records.build_results(
                training.evaluate(net, data.training, device), len(data.training[0]),
                Evaluation(epoch.test_loss, epoch.test_correct), len(data.testing[0]))
        for name, distance in measure_distances(weights, first).items():
            record["distances"][name].append(float(f"{distance:.5g}"))
        records.add(record, epoch, order, len(data.testing[0]), time.perf_counter() - begin, weights, results)
        begin = time.perf_counter()
    replace_whole(path, records.format_record(record).encode())
    return record
