"""Measures the times that are promised: python -m tests.harness.benchmark

Run it on an idle machine. Times are of this machine; ratios are of one run. Exit codes: 0 good, 2 usage, 4 a promise
is missed (with --slack N: by more than N times).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from frameworks import FRAMEWORKS, backend, quiet
from frameworks.arguments import Parser, framework, parse_count, run_main
from frameworks.schedule import Constant, Cosine, Cyclic, Exponential, Schedule, Sum, Warmup, Wsd, lrs
from frameworks.schedule.fields import MAX_COUNT, ScheduleModel
from frameworks.schedule.union import build_examples
from parity.measuring.measure import disable_mxnet_threads
from parity.measuring.processes import ROOT
from tests.harness.promises import Promise, check

MILLION = 1_000_000
#: Seconds. 274 were measured on two processors, on a machine whose speed varies.
GATE = 240
#: What a recording with a file may cost, by the name in tests.harness.record_cost: the text, the limit and its unit.
RECORDING = {
    "percent": ("record adds to an update of LeNet", 3, " %"),
    "microseconds": ("record adds to an update of one weight", 5, " us"),
    "mebibytes": ("memory added by 900,000 recorded updates", 2, " MiB"),
}


def stretch_schedule(schedule: Schedule, by: int) -> Schedule:
    """Return a schedule of the same kinds, with every number of updates multiplied by `by`."""
    hints = get_type_hints(type(schedule), localns={"Schedule": Schedule}, include_extras=True)
    return type(schedule)(**{name: _stretch(hints[name], getattr(schedule, name), by) for name in hints
                             if name in type(schedule).model_fields})


def _stretch(hint: Any, value: Any, by: int) -> Any:
    if value is None or isinstance(value, ScheduleModel):
        return value and stretch_schedule(value, by)
    hint, *rules = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    if any(getattr(bound, "le", None) == MAX_COUNT for rule in rules for bound in getattr(rule, "metadata", ())):
        return value * by
    inner = get_args(hint)
    if isinstance(value, tuple):
        return [_stretch(part, item, by) for part, item in zip(inner if len(inner) == len(value) and ... not in inner
                                                               else repeat(inner[0]), value)]
    return _stretch(inner[0], value, by) if NoneType in inner else value


#: For kinds whose example is not the slowest, or that have many parts.
_OTHERS = {
    "cyclic": Cyclic(low=0.1, high=0.3, up=2000, mode="exp_range", gamma=0.999999),
    "sum": Sum(of=[Constant(base_lr=0.1), Exponential(base_lr=0.5, factor=0.9, updates=1000)]),
    "wsd": Wsd(base_lr=0.3, warmup=1000, stable=1000, decay=MILLION, tail="one_minus_sqrt"),
}
#: One schedule of each kind: its example, stretched over a million updates, so that it does not end early.
SCHEDULES = [_OTHERS.get(kind) or stretch_schedule(schedule, MILLION // (schedule.horizon or 50))
             for kind, schedule in build_examples().items()]


def main() -> int:
    """Print each number with its promise, and return 4 if one is missed."""
    parser = Parser(prog="python -m tests.harness.benchmark", description="Measure the times that are promised.")
    parser.add_argument("--gate", action="store_true", help="also time the whole gate")
    parser.add_argument("--framework", type=framework, help="only the cost of observing in this framework")
    parser.add_argument("--slack", type=parse_count, default=1, metavar="N",
                        help="exit with 4 only if a number is more than N times its limit, for a machine that others "
                             "share (default: 1)")
    chosen = parser.parse_args()
    if chosen.framework:
        print(f"{measure_observe_ratio(chosen.framework):.2f}")
        return 0
    promises = []
    for promise in measure_promises(gate=chosen.gate):
        print(promise, flush=True)
        promises.append(promise)
    return check(promises, chosen.slack)


def measure_promises(*, gate: bool) -> Iterator[Promise]:
    """Measure one number after the other; yield each with its promise. gate: also time the gate."""
    slowest = max((measure_seconds(partial(lrs, schedule, MILLION)), schedule.kind) for schedule in SCHEDULES)
    yield Promise(f"lrs(schedule, 1_000_000), slowest kind ({slowest[1]})", slowest[0], 0.2, " s")
    started = measure_seconds(lambda: run_python("-c", "pass"))
    importing = measure_seconds(lambda: run_python("-c", "import frameworks.schedule")) - started
    yield Promise("import frameworks.schedule, beyond Python's start", importing, 0.4, " s")
    for name in FRAMEWORKS:
        ratio = float(run_python("-m", "tests.harness.benchmark", "--framework", name))
        yield Promise(f"an observed update / a bare one, {name}", ratio, 3)
    for name in FRAMEWORKS:
        costs = json.loads(run_python("-m", "tests.harness.record_cost", "--framework", name))
        for cost, (what, limit, unit) in RECORDING.items():
            if cost in costs:
                yield Promise(f"{what}, {name}", costs[cost], limit, unit)
    if gate:
        begin = time.perf_counter()
        run_python("-m", "pytest", "-q", "parity")
        yield Promise("the gate", time.perf_counter() - begin, GATE, " s")


def measure_seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of several times, in seconds."""
    durations = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        durations.append(time.perf_counter() - begin)
    return min(durations)


def run_python(*arguments: str) -> str:
    """Run Python and return what it prints; if it fails, end with its exit code and its last line."""
    process = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
    if process.returncode:
        print((process.stderr.strip().splitlines() or ["no output"])[-1], file=sys.stderr)
        sys.exit(process.returncode)
    return process.stdout


def measure_observe_ratio(name: str, updates: int = 3000) -> float:
    """Return the time of an observed update divided by that of the framework's step on one scalar."""
    quiet()
    disable_mxnet_threads()
    observe = backend(name).observe
    bare = {"mxnet": _build_mxnet_steps, "torch": _build_torch_steps, "tensorflow": _build_tensorflow_steps}[name]()
    schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=1000))
    for work in (lambda: bare(10), lambda: observe(schedule, 10)):
        work()
    works = (partial(observe, schedule, updates), partial(observe, schedule, 10), partial(bare, updates))
    rounds = [[measure_seconds(work, times=1) for work in works]
              for _ in range(7)]  # in turn: the machine's speed varies
    observed, start, alone = (min(times) for times in zip(*rounds))
    return (observed - start) / alone


def _build_mxnet_steps() -> Callable[[int], None]:
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


def _build_torch_steps() -> Callable[[int], None]:
    import torch

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    optimizer = torch.optim.SGD([weight], lr=0.1)

    def steps(n: int) -> None:
        for _ in range(n):
            optimizer.step()

    return steps


def _build_tensorflow_steps() -> Callable[[int], None]:
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
    sys.exit(run_main(main))
