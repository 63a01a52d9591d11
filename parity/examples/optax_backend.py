"""A plug-in that applies schedules with optax, the worked example of the protocol in parity/conformance/client.py.

    python -m parity check --command "python parity/examples/optax_backend.py"

It imports nothing of this project and reads the specifications as JSON. Every rate is what optax.sgd did to a weight of
0 with a gradient of 1, in jitted updates. `t` is the count that optax.sgd keeps and asks its schedule with, from 0.

The schedules are optax's own where these are right, in float64. By default JAX computes in float32, and then the rates
are some ULP off, which --float32 shows. jax_enable_x64 alone changes little: an int32 count divided is float32 still.
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
from optax_warmups import curved


def build(spec):
    """Return a schedule in optax's sense, a function of the count, for a specification."""
    fields = dict(spec)
    kind = fields.pop("kind")
    if kind not in KINDS:
        raise NotImplementedError(f"no {kind} here")
    return KINDS[kind](**fields)


def constant(base_lr):
    return optax.constant_schedule(base_lr)


def inverse_square_root(base_lr, timescale):
    """optax has none."""
    return lambda count: base_lr * jnp.sqrt(timescale / (count + timescale))


def inverse_time(base_lr, timescale):
    """optax has none."""
    return lambda count: base_lr * (timescale / (count + timescale))


def factor(base_lr, factor, every, min_lr):
    """exponential_decay is exact where it does not divide: it is asked for the count of drops.

    Given transition_steps=49, jitted, it drops one update late: XLA divides by a constant by multiplying with its
    reciprocal, and floor(49 * (1 / 49)) is 0. With a factor of 1 it would take its floor for a ceiling.
    """
    if factor == 1:
        return optax.constant_schedule(base_lr)
    drops = optax.exponential_decay(base_lr, 1, factor, staircase=True, end_value=min_lr)
    return lambda count: drops(count // every)


def multi_factor(base_lr, factor, milestones):
    """piecewise_constant_schedule lowers the rate at its boundary, as here.

    But it multiplies again and again, which drifts for many drops by a factor near to 1: there the power is taken.
    """
    if factor <= 0.95 or factor == 1 or len(milestones) <= 6:
        return optax.piecewise_constant_schedule(base_lr, dict.fromkeys(milestones, factor))
    return lambda count: base_lr * factor ** jnp.searchsorted(jnp.array(milestones), count, side="right")


def polynomial(base_lr, final_lr, power, updates):
    """polynomial_schedule is exact up to its end.

    There, jitted, 41 * (1 / 41) is above 1, so that a root is taken of less than 0: its last rate is nan for ever.
    """
    falling = optax.polynomial_schedule(base_lr, final_lr, power, updates)
    return lambda count: jnp.where(count < updates, falling(count), final_lr)


def cosine(base_lr, final_lr, updates):
    """Its end is a share of its beginning, so that one that rises, perhaps from 0, is made of one from 1 to 0."""
    if final_lr <= base_lr and base_lr > 0:
        return optax.cosine_decay_schedule(base_lr, updates, alpha=final_lr / base_lr)
    falling = optax.cosine_decay_schedule(1.0, updates)
    return lambda count: final_lr + (base_lr - final_lr) * falling(count)


def warmup(updates, begin_lr, mode, clock, then, peak_lr=None, power=None):
    """join_schedules restarts the clock, so for one that is kept the later schedule is shifted back.

    linear_schedule is not exact if it rises: it goes down from its end, (begin - peak) * (1 - t / updates) + peak,
    where a rate much smaller than the peak is what is left of two large numbers.
    """
    then = build(then)
    peak = float(then(jnp.array(0))) if peak_lr is None else peak_lr
    if mode == "constant":
        first = optax.constant_schedule(begin_lr)
    elif mode != "linear":
        first = curved(mode, begin_lr, peak, updates, power)
    elif begin_lr >= peak:
        first = optax.linear_schedule(begin_lr, peak, updates)
    else:
        first = lambda count: begin_lr + (peak - begin_lr) * count / updates  # noqa: E731
    after = then if clock == "restart" else lambda count: then(count + updates)
    return optax.join_schedules([first, after], [updates])


def shift(by, of):
    of = build(of)
    return lambda count: of(count + by)


def hold(updates, of):
    of = build(of)
    return lambda count: of(count // updates)


def repeat(updates, decay, min_lr, of):
    """optax has sgdr_schedule, of a given number of rounds."""
    of = build(of)
    if decay == 1:
        return lambda count: of(count % updates)
    sunk = lambda count: decay ** (count // updates).astype(float)  # noqa: E731
    return lambda count: of(count % updates) * sunk(count) + min_lr * (1 - sunk(count))


def sequence(parts, boundaries):
    """join_schedules gives each one a clock of its own, and a boundary is the first update of the next, as here."""
    return optax.join_schedules([build(part) for part in parts], boundaries)


def scale(by, of):
    of = build(of)
    return lambda count: by * of(count)


def clamp(min_lr, max_lr, of):
    of = build(of)
    return lambda count: jnp.clip(of(count), min_lr, max_lr)


KINDS = {kind.__name__: kind for kind in (
    constant, inverse_square_root, inverse_time, factor, multi_factor, exponential, polynomial, cosine,
    annealing, power_law, polynomial_cycle, cosine_restarts, warmup, shift, hold, repeat, sequence, scale, clamp)}
KINDS |= {kind.__name__: lambda of, kind=kind: kind([build(one) for one in of]) for kind in COMBINED}


def applied(spec, updates):
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
    try:
        rates = applied(question.get("composed", question["schedule"]), question["updates"])
    except NotImplementedError as reason:
        return {"skipped": str(reason)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"bits": [f"{bits:08x}" for bits in rates.view("uint32").tolist()]}


def say(message):
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Apply schedules with optax, for python -m parity check.")
    parser.add_argument("--float32", action="store_true", help="compute in float32, as JAX does by default")
    jax.config.update("jax_enable_x64", not parser.parse_args().float32)
    sys.stdin.readline()  # who asks, and for which protocol
    say({"protocol": 1, "name": "optax", "version": f"{optax.__version__} with jax {jax.__version__}"})
    for line in sys.stdin:
        question = json.loads(line)
        say({"id": question["id"]} | answer(question))
