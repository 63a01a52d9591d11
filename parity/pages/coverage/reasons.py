"""Why a scheduler is no specification, by name; and what small addition would change that, if one would."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """why: a sentence. addition: what the specification would need, or nothing if it is to stay as it is."""

    why: str
    addition: str = ""


REASONS = {
    "a rule of its own for a metric": Reason(
        "the rate follows a metric by a rule of its own, which is not that of `reduce_on_plateau`"),
    "depends on the weights": Reason("the rate follows the size of the weights or gradients, not the update alone"),
    "random noise": Reason("random numbers of the library's own generator are part of the rate"),
    "an exponential less a constant": Reason(
        "an exponential that is moved down so as to end at a given rate",
        "`final_lr` of `exponential`, reached after so many updates"),
    "hyperbolic tangent": Reason("falls along tanh", "a kind `tanh`, with its two ends"),
    "drops at no whole number of updates": Reason(
        "a drop every 2.4 updates or the like", "`every` of `factor` that need not be whole"),
}
