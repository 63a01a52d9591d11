"""Time what has to be fast: python -m tests.harness.benchmark

Run it with nothing else running. Times are of this machine; ratios are of one run. Exit codes: 0 good, 2 usage, 4 a
number misses its promise.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from frameworks import FRAMEWORKS, backend, quiet
from frameworks.arguments import Parser, exit_code, framework
from frameworks.schedule import (
    Annealing,
    Clamp,
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    Maximum,
    Minimum,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    PowerLaw,
    Product,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Sum,
    Warmup,
    lrs,
)
from parity.measuring.measure import tiny_updates
from parity.measuring.processes import ROOT
from tests.harness.benchmark_named import NAMED
from tests.harness.promises import Promise, check

MILLION = 1_000_000
#: Seconds. 274 were measured on two processors, on a machine whose speed varies.
GATE = 240
cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=MILLION)

#: One schedule of each kind, none of which stands still early.
SCHEDULES = (
    Constant(base_lr=0.3),
    InverseSquareRoot(base_lr=0.1),
    InverseTime(base_lr=0.1),
    Factor(base_lr=2.0, factor=0.9),
    MultiFactor(base_lr=0.5, factor=0.5, milestones=list(range(1, MILLION, 10_000))),
    Exponential(base_lr=0.5, factor=0.9, updates=1000),
    Polynomial(base_lr=0.5, power=1.7, updates=MILLION),
    cosine,
    Annealing(shape="cosine", base_lr=0.5, final_lr=0.01, elapsed_power=1.5, updates=1.5 * MILLION),
    PowerLaw(base_lr=0.5, power=0.7),
    PolynomialCycle(base_lr=0.5, power=0.7, updates=1000),
    Warmup(updates=1000, then=cosine),
    Shift(by=1, of=cosine),
    Hold(updates=235, of=cosine),
    Repeat(updates=300_000, decay=0.9, min_lr=0.1, of=cosine),
    CosineRestarts(base_lr=0.3, final_lr=0.01, updates=1000, growth=2, decay=0.9, warmup=500),
    Sequence(parts=[cosine] * 10, boundaries=list(range(100_000, MILLION, 100_000))),
    Scale(by=0.5, of=cosine),
    Clamp(min_lr=0.1, max_lr=0.2, of=cosine),
    Sum(of=[Constant(base_lr=0.1), Exponential(base_lr=0.5, factor=0.9, updates=1000)]),
    Product(of=[Warmup(updates=1000, then=Constant(base_lr=1.0)), cosine]),
    *NAMED,
    Minimum(of=[InverseTime(base_lr=0.3, timescale=1e5), cosine]),
    Maximum(of=[cosine, InverseTime(base_lr=0.2)]),
)


def main() -> int:
    """Print each number beside its promise, and return 4 if one is missed."""
    parser = Parser(prog="python -m tests.harness.benchmark", description="Time what has to be fast.")
    parser.add_argument("--gate", action="store_true", help="time the whole gate too")
    parser.add_argument("--framework", type=framework, help="only what observing costs in one framework")
    chosen = parser.parse_args()
    if chosen.framework:
        print(f"{observing(chosen.framework):.2f}")
        return 0
    promises = []
    for promise in measured(gate=chosen.gate):
        print(promise, flush=True)
        promises.append(promise)
    return check(promises)


def measured(*, gate: bool) -> Iterator[Promise]:
    """Measure one number after the other."""
    slowest = max((seconds(partial(lrs, schedule, MILLION)), schedule.kind) for schedule in SCHEDULES)
    yield Promise(f"lrs(schedule, 1_000_000), slowest kind ({slowest[1]})", slowest[0], 0.2, " s")
    started = seconds(lambda: python("-c", "pass"))
    importing = seconds(lambda: python("-c", "import frameworks.schedule")) - started
    yield Promise("import frameworks.schedule, beyond Python's start", importing, 0.4, " s")
    for name in FRAMEWORKS:
        ratio = float(python("-m", "tests.harness.benchmark", "--framework", name))
        yield Promise(f"an observed update / a bare one, {name}", ratio, 3)
    if gate:
        begin = time.perf_counter()
        python("-m", "pytest", "-q", "parity")
        yield Promise("the gate", time.perf_counter() - begin, GATE, " s")


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of several times."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def python(*arguments: str) -> str:
    """Run Python and return what it prints; if it fails, end with its exit code and its last line."""
    process = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
    if process.returncode:
        print((process.stderr.strip().splitlines() or ["no output"])[-1], file=sys.stderr)
        sys.exit(process.returncode)
    return process.stdout


def observing(name: str, updates: int = 3000) -> float:
    """Return the time of an observed update over that of the framework's own step on one scalar."""
    quiet()
    tiny_updates()
    observe = backend(name).observe
    bare = {"mxnet": _mxnet, "torch": _torch, "tensorflow": _tensorflow}[name]()
    schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=1000))
    for work in (lambda: bare(10), lambda: observe(schedule, 10)):
        work()
    works = (partial(observe, schedule, updates), partial(observe, schedule, 10), partial(bare, updates))
    rounds = [[seconds(work, times=1) for work in works] for _ in range(7)]  # in turn: the machine's speed varies
    observed, start, alone = (min(times) for times in zip(*rounds))
    return (observed - start) / alone


def _mxnet() -> Callable[[int], None]:
    import mxnet
    from mxnet import gluon

    weight = gluon.Parameter("weight", shape=(1,), init="zeros")
    weight.initialize()
    trainer = gluon.Trainer([weight], "sgd", {"learning_rate": 0.1})

    def steps(n: int) -> None:
        for _ in range(n):
            weight.data()._fresh_grad = True
            trainer.step(1)
        mxnet.nd.waitall()

    return steps


def _torch() -> Callable[[int], None]:
    import torch

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    optimizer = torch.optim.SGD([weight], lr=0.1)

    def steps(n: int) -> None:
        for _ in range(n):
            optimizer.step()

    return steps


def _tensorflow() -> Callable[[int], None]:
    import keras
    import tensorflow as tf

    weight = tf.Variable(tf.zeros(1))
    optimizer = keras.optimizers.SGD(learning_rate=0.1)
    optimizer.build([weight])
    step = tf.function(lambda: optimizer.apply([tf.ones(1)], [weight]))

    def steps(n: int) -> None:
        for _ in range(n):
            step()

    return steps


if __name__ == "__main__":
    sys.exit(exit_code(main))
