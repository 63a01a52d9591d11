"""Defines linear, piecewise and interpolated, which connect given rates.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.fields import MIN_ITEMS, Count, CountFromZero, Filled, Items, Listed, Rate, Updates
from frameworks.schedule.named.base import Named, Shape, build_curve
from frameworks.schedule.phases import Sequence
from frameworks.schedule.steps import Constant

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class Linear(Named):
    """Moves the rate from `base_lr` to `final_lr` along a straight line, then holds it.

        t < updates:  lr(t) = base_lr + (final_lr - base_lr) * t / updates
        otherwise:    lr(t) = final_lr

    base_lr: rate at `t = 0`, 0 or more.
    final_lr: rate from update `updates` on, 0 or more; it may be above base_lr (default: 0).
    updates: updates before the first one at final_lr, 1 or more.

    Composed of a polynomial of power 1 if it decreases, of a warm-up to a constant if it increases.
    Source: torch's LinearLR with final_lr = lr * end_factor; Keras' PolynomialDecay with power 1;
      optax.linear_schedule.

    >>> line = Linear(base_lr=1.0, final_lr=0.5, updates=4)
    >>> line.lr(0), line.lr(3), line.lr(4), line.lr(5)
    (1.0, 0.625, 0.5, 0.5)
    """

    kind: Literal["linear"] = "linear"
    base_lr: Rate
    final_lr: Rate = 0.0
    updates: Count
    example = {"base_lr": 0.5, "final_lr": 0.05, "updates": 30}

    def _compose(self) -> Schedule:
        return build_curve(self.base_lr, self.final_lr, self.updates, "linear")


class Piecewise(Named):
    """Applies one rate after another.

        lr(t) = values[number of boundaries <= t]

    values: one or more rates, each 0 or more.
    boundaries: first update of each rate except the first one, so one fewer than values; strictly increasing, each 1 or
      more.

    Composed of a sequence of constants.
    Source: paddle's PiecewiseDecay(boundaries, values). Keras' PiecewiseConstantDecay compares with `<=`: its boundary
      is the last update at the rate before, which is 1 less than here.

    >>> steps = Piecewise(values=[0.5, 0.1, 0.3], boundaries=[10, 20])
    >>> steps.lr(9), steps.lr(10), steps.lr(19), steps.lr(20), steps.lr(10**9)
    (0.5, 0.1, 0.1, 0.3, 0.3)
    """

    kind: Literal["piecewise"] = "piecewise"
    values: Annotated[Items[Rate], Listed, Filled, MIN_ITEMS]
    boundaries: Updates
    example = {"values": [0.1, 0.5, 0.05], "boundaries": [5, 30]}

    @field_validator("boundaries")
    @classmethod
    def _check_boundaries(cls, boundaries: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        values = len(info.data.get("values", ()))
        if values and len(boundaries) != values - 1:
            raise PydanticCustomError(
                "boundaries", "must be one fewer than the {values} values, not {boundaries}",
                {"values": values, "boundaries": len(boundaries)})
        return boundaries

    def _compose(self) -> Schedule:
        return Sequence(parts=[Constant(base_lr=value) for value in self.values], boundaries=self.boundaries)


def _check_points(points: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    if any(after <= before for (before, _), (after, _) in pairwise(points)):
        raise PydanticCustomError("later", "must have strictly increasing updates")
    return points


def _check_pair(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise PydanticCustomError("pair", "must be a list of two, an update and its rate")
    return tuple(value)


#: An update and its rate.
if TYPE_CHECKING:
    Point = Items[float]
else:
    Point = Annotated[tuple[CountFromZero, Rate], BeforeValidator(_check_pair)]
Points = Annotated[Items[Point], Listed, Filled, AfterValidator(_check_points), MIN_ITEMS]


class Interpolated(Named):
    """Connects points, each an update and its rate, by lines or by half cosine periods.

        t < u[0]:           lr(t) = r[0]
        u[i] <= t < u[i+1]: lr(t) = r[i] + (r[i+1] - r[i]) * y,              y = (t - u[i]) / (u[i+1] - u[i]), "linear"
                            lr(t) = r[i] + (r[i+1] - r[i]) * (1 - cos(pi y)) / 2,                              "cosine"
        t >= u[-1]:         lr(t) = r[-1]

    points: one or more pairs of an update u[i], 0 or more and strictly increasing, and the rate r[i] that it applies.
    mode: "linear" or "cosine" (default: "linear").

    Composed of a sequence of lines or half cosine periods.
    Source: ignite's PiecewiseLinear(milestones_values), which is "linear". optax.piecewise_interpolate_schedule, whose
      values are factors of the rate before. "airbench" and other speed runs.

    >>> path = Interpolated(points=[[0, 0.25], [2, 0.75], [4, 0.5]])
    >>> path.lr(0), path.lr(1), path.lr(2), path.lr(3), path.lr(4), path.lr(5)
    (0.25, 0.5, 0.75, 0.625, 0.5, 0.5)
    """

    kind: Literal["interpolated"] = "interpolated"
    points: Points
    mode: Shape = "linear"
    example = {"points": [[0, 0.1], [10, 0.5], [30, 0.05]]}

    def _compose(self) -> Schedule:
        points = cast("tuple[tuple[int, float], ...]", self.points)
        start, first = points[0]
        parts: list[Schedule] = [Constant(base_lr=first)] if start or len(points) == 1 else []
        starts = [0] * len(parts)
        for (begin, rate), (end, after) in pairwise(points):
            parts.append(build_curve(rate, after, end - begin, self.mode))
            starts.append(begin)
        return Sequence(parts=parts, boundaries=starts[1:]) if len(parts) > 1 else parts[0]
