"""States what the schedulers of each library express, for a schedule that none of them applies."""

from __future__ import annotations

from frameworks.schedule import Schedule
from parity.port.write.native.pieces import Curve, Piece, split
from parity.port.write.native.shapes import is_line

#: What is expressible, by library.
EXPRESSED = {
    "transformers": "a warm-up from 0, then a constant rate, a decay, cosines or an inverse square root",
    "timm": "a linear warm-up, then a constant rate, drops, cosines, polynomials, or a constant rate and a decay",
    "paddle": "a linear warm-up, then a constant rate, drops, a decay or cycles",
    "composer": "a warm-up from 0, then a constant rate, drops at updates or a decay; cosines without a warm-up",
    "fvcore": "constant rates, lines, cosines, exponentials and polynomials to 0, up to 500,000 updates",
    "gluoncv": "constant rates, lines, drops, and cosines and polynomials to their end",
    "deepspeed": "a linear warm-up, then a constant rate, a line to the first rate or a cosine",
    "megatron": "a linear warm-up, then a constant rate, a decay, or an inverse square root of t/W",
    "mmengine": "lines, constant rates and one decay after another, each from the rate of the one before",
    "lightning": "the schedulers of torch",
    "mlx": "constant rates, lines, cosines, exponentials, and drops without a lowest rate",
    "detectron2": "a warm-up, then a constant rate, drops by one factor or a cosine, below 1,000,000 updates",
    "torchtitan": "a warm-up of n updates from 1/(n + 1) of the rate, which is then constant for an update or more, "
                  "and a line, a cosine or 1 - sqrt down",
    "fairseq": "a linear warm-up, then a constant rate, drops every n updates, a polynomial, cosines, an exponential "
               "or an inverse square root of t/W; triangles",
    "ignite": "constant rates, lines, drops, cosines, and cycles of these",
    "olmo": "a warm-up of n updates from 1/(n + 1) of the rate or more, then a constant rate, a line, a cosine, or an "
            "inverse square root of (t + 1)/(n + 1)"}
#: The most pieces that are described.
_MOST = 4


def explain(schedule: Schedule, library: str) -> str:
    """Return why a schedule is not expressible with a library: what it has, and what the schedule has."""
    pieces = split(schedule)
    described = [_describe(piece) for piece in pieces[:_MOST]] + (["..."] if len(pieces) > _MOST else [])
    return f"Not expressible: {library} has {EXPRESSED[library]}. The schedule has: {'; '.join(described)}."


def _describe(piece: Piece) -> str:
    of = piece.of
    name = "line" if is_line(of) else of.kind
    ends = f" to {of.final_lr:g}" if isinstance(of, Curve) else ""
    return f"{name} {piece.first:g}{ends}" + ("" if piece.length is None else f", {piece.length:,} updates")
