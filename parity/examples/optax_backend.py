"""A plug-in that applies schedules with optax: the example of the protocol in parity/PROTOCOL.md.

    python -m parity check --command "python parity/examples/optax_backend.py"

It imports nothing of this project and reads the specifications as JSON. Every rate is minus the weight after one jitted
update of optax.sgd, from a weight of 0 with a gradient of 1. `t` is the count of optax.sgd, from 0.

It uses optax's schedules where they are exact, in float64. By default JAX computes in float32, and then the rates are
some ULP off, which --float32 shows. jax_enable_x64 alone changes little: an int32 count divided is still float32.
"""

# optax is in a separate environment
# pyright: reportMissingImports=false

import argparse
import json
import os
import sys

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import optax
from optax_annealing import annealing, exponential, power_law  # beside this file
from optax_combinations import COMBINED
from optax_cycles import polynomial_cycle
from optax_rounds import cosine_restarts
from optax_warmups import build_curve


def build(spec):
    """Return the schedule of a specification as optax expects it: a function of the count."""
    fields = dict(spec)
    kind = fields.pop("kind")
    if kind not in KINDS:
        raise NotImplementedError(f"no {kind} here")
    return KINDS[kind](**fields)


def constant(base_lr):
    """Return constant_schedule."""
    return optax.constant_schedule(base_lr)


def inverse_square_root(base_lr, timescale):
    """Return the formula: optax has no such schedule."""
    return lambda count: base_lr * jnp.sqrt(timescale / (count + timescale))


def inverse_time(base_lr, timescale):
    """Return the formula: optax has no such schedule."""
    return lambda count: base_lr * (timescale / (count + timescale))


def factor(base_lr, factor, every, min_lr):
    """Return exponential_decay of the number of drops: it is exact where it does not divide.

    With transition_steps=49 it drops one update late under jit. XLA multiplies by the reciprocal of a constant instead
    of dividing, and floor(49 * (1 / 49)) is 0. With a factor of 1 its end_value would be an upper limit.
    """
    if factor == 1:
        return optax.constant_schedule(base_lr)
    drops = optax.exponential_decay(base_lr, 1, factor, staircase=True, end_value=min_lr)
    return lambda count: drops(count // every)


def multi_factor(base_lr, factor, milestones):
    """Return piecewise_constant_schedule, which also lowers the rate at its boundary.

    It multiplies once for each drop, and so drifts for many drops by a factor close to 1. There the power is used.
    """
    if factor <= 0.95 or factor == 1 or len(milestones) <= 6:
        return optax.piecewise_constant_schedule(base_lr, dict.fromkeys(milestones, factor))
    return lambda count: base_lr * factor ** jnp.searchsorted(jnp.array(milestones), count, side="right")


def polynomial(base_lr, final_lr, power, updates):
    """Return polynomial_schedule, which is exact before its end, and final_lr from there on.

    At its end, under jit, 41 * (1 / 41) is above 1, and the root of a negative number is nan: so is every later rate.
    """
    falling = optax.polynomial_schedule(base_lr, final_lr, power, updates)
    return lambda count: jnp.where(count < updates, falling(count), final_lr)


def cosine(base_lr, final_lr, updates):
    """Return cosine_decay_schedule; an increasing one, or one from 0, is computed from the decay from 1 to 0.

    Its end is given as a share of its beginning.
    """
    if final_lr <= base_lr and base_lr > 0:
        return optax.cosine_decay_schedule(base_lr, updates, alpha=final_lr / base_lr)
    falling = optax.cosine_decay_schedule(1.0, updates)
    return lambda count: final_lr + (base_lr - final_lr) * falling(count)


def warmup(updates, begin_lr, mode, clock, then, peak_lr=None, power=None):
    """Return join_schedules of the warm-up and the later schedule, which is shifted for the clock "keep".

    linear_schedule is not exact if it increases: it computes (begin - peak) * (1 - t / updates) + peak. A rate much
    smaller than the peak is then the difference of two large numbers.
    """
    then = build(then)
    peak = float(then(jnp.array(0))) if peak_lr is None else peak_lr
    if mode == "constant":
        first = optax.constant_schedule(begin_lr)
    elif mode != "linear":
        first = build_curve(mode, begin_lr, peak, updates, power)
    elif begin_lr >= peak:
        first = optax.linear_schedule(begin_lr, peak, updates)
    else:
        first = lambda count: begin_lr + (peak - begin_lr) * count / updates  # noqa: E731
    after = then if clock == "restart" else lambda count: then(count + updates)
    return optax.join_schedules([first, after], [updates])


def shift(by, of):
    """Return the schedule at a later count."""
    of = build(of)
    return lambda count: of(count + by)


def hold(updates, of):
    """Return the schedule of the count divided by `updates`."""
    of = build(of)
    return lambda count: of(count // updates)


def repeat(updates, decay, min_lr, of):
    """Return the formula: optax's sgdr_schedule has a fixed number of cycles."""
    of = build(of)
    if decay == 1:
        return lambda count: of(count % updates)
    height = lambda count: decay ** (count // updates).astype(float)  # noqa: E731
    return lambda count: of(count % updates) * height(count) + min_lr * (1 - height(count))


def sequence(parts, boundaries):
    """Return join_schedules: each part has a separate clock, and a boundary is the first update of the next part."""
    return optax.join_schedules([build(part) for part in parts], boundaries)


def scale(by, of):
    """Return the schedule multiplied by a number."""
    of = build(of)
    return lambda count: by * of(count)


def clamp(min_lr, max_lr, of):
    """Return the schedule kept between two rates."""
    of = build(of)
    return lambda count: jnp.clip(of(count), min_lr, max_lr)


KINDS = {kind.__name__: kind for kind in (
    constant, inverse_square_root, inverse_time, factor, multi_factor, exponential, polynomial, cosine,
    annealing, power_law, polynomial_cycle, cosine_restarts, warmup, shift, hold, repeat, sequence, scale, clamp)}
KINDS |= {kind.__name__: lambda of, kind=kind: kind([build(member) for member in of]) for kind in COMBINED}


def measure_applied_rates(spec, updates):
    """Return the rates that `updates` updates of optax.sgd apply, float32."""
    schedule = build(spec)
    optimizer = optax.sgd(learning_rate=lambda count: schedule(count.astype(int)))  # int64
    weight, gradient = jnp.zeros(1, jnp.float32), jnp.ones(1, jnp.float32)

    def update(state, _):
        change, state = optimizer.update(gradient, state, weight)
        return state, -optax.apply_updates(weight, change)[0]

    _, rates = jax.jit(lambda state: jax.lax.scan(update, state, length=updates))(optimizer.init(weight))
    return jax.device_get(rates)


def answer(question):
    """Return the answer to a question, without its id."""
    try:
        rates = measure_applied_rates(question.get("composed", question["schedule"]), question["updates"])
    except NotImplementedError as reason:
        return {"skipped": str(reason)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"bits": [f"{bits:08x}" for bits in rates.view("uint32").tolist()]}


def print_message(message):
    """Print a message as one line of JSON."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Apply schedules with optax, for python -m parity check.")
    parser.add_argument("--float32", action="store_true", help="compute in float32, as JAX does by default")
    jax.config.update("jax_enable_x64", not parser.parse_args().float32)
    sys.stdin.readline()  # the handshake
    print_message({"protocol": 1, "name": "optax", "version": f"{optax.__version__} with jax {jax.__version__}"})
    for line in sys.stdin:
        question = json.loads(line)
        print_message({"id": question["id"]} | answer(question))
