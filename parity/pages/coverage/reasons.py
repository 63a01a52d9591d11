"""Lists the reasons why a scheduler is not expressible, and the additions that would change that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why a scheduler is not expressible.

    why: an explanation.
    addition: the small addition to the specification that would express it; "": no such addition.
    """

    why: str
    addition: str = ""


REASONS = {
    "another rule for a metric": Reason(
        "the rate follows a metric by a rule that differs from `reduce_on_plateau`"),
    "depends on the weights": Reason(
        "the rate depends on the size of the weights or gradients, not on the update alone"),
    "random noise": Reason("the rate contains random numbers from the library's generator"),
    "an exponential minus a constant": Reason(
        "an exponential shifted down so that it ends at a given rate",
        "`final_lr` of `exponential`, reached after a given number of updates"),
    "hyperbolic tangent": Reason("decreases along tanh", "a kind `tanh`, with its first and last value"),
    "drops between updates": Reason(
        "drops every 2.4 updates, for example", "a fractional `every` of `factor`"),
}
