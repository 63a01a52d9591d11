"""The cases of reduce on plateau: a specification, the metrics that it is told, and where its rate falls."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

from frameworks.schedule import ReduceOnPlateau


@dataclass(frozen=True)
class PlateauCase:
    """falls: how many metrics have been seen when the rate is lower than before, worked by hand."""

    plateau: ReduceOnPlateau
    metrics: tuple[float, ...]
    falls: tuple[int, ...]


def _torch(metrics: list[float], falls: tuple[int, ...], **fields: object) -> PlateauCase:
    return PlateauCase(ReduceOnPlateau(**{"base_lr": 0.1, "factor": 0.1, "patience": 1} | fields),
                       tuple(metrics), falls)


def _keras(metrics: list[float], falls: tuple[int, ...], **fields: object) -> PlateauCase:
    own = {"rule": "reaches", "precision": "float32", "threshold_mode": "absolute", "patience": 2}
    return _torch(metrics, falls, **own | fields)


#: Trained with this project: test accuracy of LeNet at a constant rate, training loss under a cosine; 30 epochs.
ACCURACIES = [
    0.7958, 0.7856, 0.8188, 0.8351, 0.8511, 0.8419, 0.8648, 0.8562, 0.878, 0.864, 0.843, 0.8748, 0.8703, 0.8399, 0.8376,
    0.8798, 0.8832, 0.861, 0.8723, 0.8363, 0.8694, 0.8643, 0.8789, 0.8621, 0.855, 0.8609, 0.8745, 0.855, 0.8681, 0.8827]
LOSSES = [
    1.1758360675175985, 0.5061390184402466, 0.416765621360143, 0.3704915243307749, 0.338473034175237, 0.317959499279658,
    0.2992145631790161, 0.28440179622968037, 0.26998937609990437, 0.25915827039082845, 0.24665039649009704,
    0.2348069748322169, 0.22369971089363097, 0.2159484640598297, 0.20752859377066293, 0.2003386773665746,
    0.1936094395240148, 0.18821279677549999, 0.1841877729932467, 0.18112004322210948, 0.17927726522286733,
    0.17821127514839172, 0.17747712183793385, 0.17685812081495922, 0.17620389314492543, 0.1756928056557973,
    0.17503398191928862, 0.17453016887505848, 0.1738029860496521, 0.17329868888457617]

CASES = {
    "accuracy_torch": _torch(ACCURACIES, (13, 21, 25, 29), direction="max", patience=3, factor=0.5),
    "accuracy_keras": _keras(ACCURACIES, (12, 20, 24, 28), direction="max", patience=3, factor=0.5, threshold=1e-4,
                             cooldown=2),
    "loss_torch": _torch(LOSSES, (23, 25, 29), threshold=0.02),
    "loss_keras": _keras(LOSSES, (19, 21, 22, 23, 24, 25, 27, 28, 29, 30), threshold=0.005, patience=1),
    "no_metrics": _torch([], ()),
    "patience_0_exceeded": _torch([1.0] * 3, (2, 3), patience=0),
    "patience_0_reached": _keras([1.0] * 3, (2, 3), patience=0),
    "a_better_one_starts_the_count_again": _torch([1.0, 1.0, 0.5, 0.5, 0.5, 0.5], (5,)),
    "tie_absolute": _torch([1.0, 0.75, 0.5, 0.25, 0.25, 0.125, -0.125, -0.125], (5, 8), threshold=0.25,
                           threshold_mode="absolute"),
    "tie_absolute_reached": _keras([1.0, 0.75, 0.5, 0.25, 0.25, 0.125, -0.125, -0.125], (5, 8), threshold=0.25),
    "tie_relative": _torch([1.0, 1.5, 2.0, 3.0, 3.0, 4.0, 6.0, 5.0], (5, 8), threshold=0.5, direction="max"),
    "tie_relative_reached": _keras([1.0, 1.5, 2.0, 3.0, 3.0, 4.0, 6.0, 5.0], (5, 8), threshold=0.5, direction="max",
                                   threshold_mode="relative"),
    # 0.07 - 0.01 is above 0.06 in float64; 0.06 + 0.01 is 0.07 in float32
    "tie_float64": _torch([0.07, 0.06, 0.05], (3,), threshold=0.01, threshold_mode="absolute", patience=0),
    "tie_float32": _keras([0.07, 0.06, 0.05], (2,), threshold=0.01, patience=1),
    # in float64 0.23 - 0.05 is 0.18, but 0.18 + 0.05 is below 0.23: the threshold is subtracted from the best
    "tie_subtracted": _torch([0.23, 0.18], (2,), threshold=0.05, threshold_mode="absolute", patience=0),
    # in float32 1.32799999 + 0.01 is below 1.338, but 1.338 - 0.01 is 1.32799999: it is added to the metric
    "tie_added": _keras([1.338, 1.32799999, 1.338], (3,), threshold=0.01, patience=1),
    "negative_relative": _torch([-1.0, -1.0, -0.4, -0.6, -0.4, -0.1], (3, 6), threshold=0.5, patience=0),
    "nan_exceeds": _torch([nan, 1.0, nan, 0.5, nan, nan, 0.4, nan, nan], (6, 9)),
    "nan_reaches": _keras([1.0, nan, nan, 0.5, nan, 0.4, nan, nan], (3, 8)),
    "nan_first_reaches": _keras([nan, 1.0, 0.5, 0.4, 0.3], (3, 5)),
    "infinite_first_exceeds": _torch([inf, inf, 1.0, inf, inf], (2, 5)),
    "infinite_first_reaches": _keras([inf, inf, 1.0, inf, inf], (5,)),
    "cooldown_exceeds": _torch([1.0] * 11, (3, 7, 11), cooldown=2),
    "cooldown_reaches": _keras([1.0] * 10, (3, 6, 9), cooldown=2),
    "cooldown_1_reaches": _keras([1.0] * 4, (2, 3, 4), cooldown=1, patience=1),
    "cooldown_with_patience": _torch([1.0] * 8, (4, 8), cooldown=1, patience=2),
    "best_in_cooldown": _torch([1.0, 1.0, 1.0, 0.5, 0.6, 0.6, 0.6, 0.4], (3, 7), cooldown=2),
    "best_in_cooldown_reached": _keras([1.0, 1.0, 1.0, 0.5, 0.6, 0.6, 0.4], (3, 6), cooldown=2),
    # as Paddle: 0.5 is no best, so that 0.6 is better than 1, and 0.55 than 0.6
    "best_in_cooldown_ignored": _torch([1.0, 1.0, 1.0, 0.5, 0.6, 0.6, 0.6, 0.55, 0.6, 0.6], (3, 10), cooldown=2,
                                       in_cooldown="ignore"),
    "best_in_cooldown_ignored_reached": _keras([1.0, 1.0, 1.0, 0.5, 0.6, 0.6, 0.6, 0.4], (3, 7), cooldown=2,
                                               in_cooldown="ignore"),
    "floor": _torch([1.0] * 5, (2, 3), min_lr=0.003, patience=0),
    "floor_reached": _keras([1.0] * 5, (2, 3), min_lr=0.003, patience=1),
    "floor_from_the_start": _torch([1.0] * 3, (), min_lr=0.1, patience=0),
    "least_change": _torch([1.0] * 7, (2, 3, 4), base_lr=1e-3, factor=0.5, least_change=1e-4, patience=0),
    "least_change_tie": _torch([1.0] * 4, (2,), base_lr=1.0, factor=0.5, least_change=0.25, patience=0),
    "many_reductions_float64": _torch([1.0] * 12, tuple(range(2, 13)), factor=0.7, patience=0),
    "many_reductions_float32": _keras([1.0] * 12, tuple(range(2, 13)), factor=0.7, patience=1),
}
