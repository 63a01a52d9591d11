"""Why a scheduler is no specification, by name; and what small addition would change that, if one would."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """why: a sentence. addition: what the specification would need, or nothing if it is to stay as it is."""

    why: str
    addition: str = ""


_ELAPSED = "`elapsed_power` (1) of `polynomial` and `cosine`: (min(t, T) / T)^k where min(t, T) / T is"
_ROUNDS = ("`growth` (1) and `decay` (1) of `repeat`: round i lasts growth^i times as long and is decay^i times as "
           "high above a lowest rate")

REASONS = {
    "depends on a metric": Reason("the rate follows a loss or another metric, not the update alone"),
    "any function": Reason("the rate is whatever a function of the user's returns"),
    "depends on the weights": Reason("the rate follows the size of the weights or gradients, not the update alone"),
    "random noise": Reason("random numbers of the library's own generator are part of the rate"),
    "grows without end": Reason(
        "a factor above 1: the rate passes every bound, and a specification's rates are finite for all t"),
    "k-decay": Reason(
        "a power of the elapsed share of time, (t / T)^k, stands where t / T does", _ELAPSED),
    "1 - sqrt": Reason(
        "falls as 1 - (t / T)^1/2: a polynomial of the elapsed share of time, not of the remaining one",
        _ELAPSED),
    "an exponential that rises": Reason(
        "a factor above 1, with an end that bounds it",
        "a `factor` above 1 of `exponential`, with a highest rate"),
    "an exponential less a constant": Reason(
        "an exponential that is moved down so as to end at a given rate",
        "`final_lr` of `exponential`, reached after so many updates"),
    "power of a cosine": Reason(
        "half a cosine wave to a power other than 1", "`power` (1) of `cosine`: ((1 + cos(pi t / T)) / 2)^power"),
    "hyperbolic tangent": Reason("falls along tanh", "a kind `tanh`, with its two ends"),
    "rounds that grow": Reason("each round is longer than the one before, for ever", _ROUNDS),
    "tops that sink": Reason("each round peaks lower than the one before, for ever", _ROUNDS),
    "rounds that grow and sink": Reason("both, for ever", _ROUNDS),
    "a line that starts anew ever longer": Reason(
        "after each end the rate is that of a line from the beginning over twice, three times as many updates"),
    "drops at no whole number of updates": Reason(
        "a drop every 2.4 updates or the like", "`every` of `factor` that need not be whole"),
    "a cosine over no whole number of updates": Reason(
        "half a wave lasts 6.5 updates or the like (lines that do are said, by where they are at whole updates)",
        "`updates` of `cosine` and `repeat`, and `boundaries`, that need not be whole"),
}
