"""Lists codes that apply wrong rates without a message: the intended schedule, the reason and what to do.

Every code is run when the guide is made, and the page has the first update that differs.
"""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import Constant, Cosine, Factor, Hold, MultiFactor, Schedule, Shift, Warmup
from parity.pages.guide.measured import Run


@dataclass(frozen=True)
class Symptom:
    """Wrong rates without a message.

    framework: "mxnet", "torch" or "tensorflow". seen: what a user notices. meant: the intended schedule. code: applies
    other rates. reason, fix: sentences. mended: applies the intended rates; PORTING.md has its last line (default: "",
    none).
    """

    framework: str
    seen: str
    meant: Schedule
    code: str
    reason: str
    fix: str
    mended: str = ""

    @property
    def run(self) -> Run:
        """The code to run."""
        return Run(self.framework, self.meant, self.code)

    @property
    def mended_run(self) -> Run | None:
        """The code that applies the intended rates, or None."""
        return Run(self.framework, self.meant, self.mended) if self.mended else None


_GLUON = "from mxnet import lr_scheduler as schedulers\n\n"
_TORCH = ("import torch\nfrom torch.optim import lr_scheduler\n\n"
          "optimizer = torch.optim.SGD(model.parameters(), lr={0})\n")
_KERAS = "from keras.optimizers.schedules import {0}\n\n"

_half_cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
_warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
_drops = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])
_epochs = Hold(updates=10, of=MultiFactor(base_lr=0.5, factor=0.5, milestones=[2, 4]))

SYMPTOMS = [
    Symptom(
        "mxnet", "The rate starts one update early: lr(0) is never applied", _half_cosine,
        _GLUON + "lr_scheduler = schedulers.CosineScheduler(20, base_lr=0.3, final_lr=0.01)\n",
        "A Trainer increments `num_update` before it calls the scheduler, so the first call has 1. This changes Poly, "
        "Cosine and every warm-up. Factor and MultiFactor compare with `>`, which cancels it.",
        "To continue a training, port the applied schedule, a [shift](porting/shift.md) by 1. To apply the formula in "
        "Gluon, use `frameworks.mxnet.build`. With SGD and NAG only, `begin_num_update=-1` is the same. Other "
        "optimizers correct their means by this count, which is then 0: Adam and Adamax raise ZeroDivisionError, LAMB "
        "and FTML make the weights nan without a message, and Nadam makes another update."),
    Symptom(
        "mxnet", "Training starts at the plot's last rate", _drops,
        _GLUON + "lr_scheduler = schedulers.MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)\n"
        "plotted = [lr_scheduler(t) for t in range(30)]\n",
        "FactorScheduler and MultiFactorScheduler store the largest update they were called with, and do not go back.",
        "Build a new scheduler for the training. Or plot a specification, which has no state."),
    Symptom(
        "mxnet", "After a resume the rate is back at base_lr, though the schedule has ended",
        Constant(base_lr=0.01),
        _GLUON + "lr_scheduler = schedulers.CosineScheduler(20, base_lr=0.3, final_lr=0.01)\n"
        "scheduler = lr_scheduler\n"
        "lr_scheduler = lambda num_update: scheduler(num_update + 25)  # as begin_num_update=25\n",
        "PolyScheduler and CosineScheduler hold the last rate they computed. A new object whose first call is after "
        "`max_update` has computed none, and returns `base_lr`.",
        "Call it with `min(num_update, max_update)`."),
    Symptom(
        "mxnet", "A sudden drop, a jump at the end of the warm-up",
        Shift(by=1, of=Warmup(updates=8, then=Factor(base_lr=1.0, factor=0.5, every=3))),
        _GLUON + "lr_scheduler = schedulers.FactorScheduler(3, 0.5, base_lr=1.0, warmup_steps=8)\n",
        "FactorScheduler and MultiFactorScheduler also count the updates of the warm-up. Drops during the warm-up are "
        "applied together at its end.",
        "Use this line, with `frameworks.mxnet.build`. Or port the applied rates: a [sequence](porting/sequence.md) of "
        "two shifts, which `python -m parity port` writes. Since the first call has 1, the warm-up ends one update "
        'early, but the drops do not move. A single shift by 1 of a [warm-up](porting/warmup.md) with clock "keep" has '
        "each drop after it one update early.",
        "from frameworks.mxnet import build\nfrom frameworks.schedule import Factor, Shift, Warmup\n\n"
        "lr_scheduler = build(Shift(by=1, of=Warmup(updates=8, then=Factor(base_lr=1.0, factor=0.5, every=3))))\n"),
    Symptom(
        "torch", "The rate increases again after T_max", _half_cosine,
        _TORCH.format(0.3) + "scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 20, eta_min=0.01)\n",
        "CosineAnnealingLR is periodic. Gluon's, Keras' and optax's cosines are one half period, then held.",
        "A SequentialLR that ends in a ConstantLR, or the [self-contained code](porting/cosine.md)."),
    Symptom(
        "torch", "The cosine ends too late by the length of the warm-up", Shift(by=1, of=_warm),
        _TORCH.format(0.3) + "first = lr_scheduler.LinearLR(optimizer, start_factor=1 / 5, total_iters=4)\n"
        "then = lr_scheduler.CosineAnnealingLR(optimizer, 20, eta_min=0.01)\n"
        "scheduler = lr_scheduler.SequentialLR(optimizer, [first, then], [4])\n",
        "Gluon's `max_update` includes the warm-up. torch's `T_max` and Keras' `decay_steps` are the decay alone.",
        "`T_max = max_update - warmup_steps`."),
    Symptom(
        "torch", "The drop happens an epoch late", _epochs, _TORCH.format(0.5) + """\
rates = [0.5, 0.5, 0.25, 0.25, 0.125]


class EndOfEpoch:  # as a loop with 10 updates per epoch
    updates = 0

    def step(self):
        self.updates += 1
        if self.updates % 10 == 0:
            epoch = self.updates // 10 - 1  # the epoch that has just ended
            optimizer.param_groups[0]["lr"] = rates[min(epoch, 4)]


scheduler = EndOfEpoch()
""",
        "The rate of the next epoch was computed from the number of the epoch that had just ended.",
        "Compute it from `epoch + 1`, or set the rate at the start of an epoch."),
    Symptom(
        "torch", "The rate decreases too fast, by a factor of the updates per epoch", _epochs,
        _TORCH.format(0.5) + "scheduler = lr_scheduler.MultiStepLR(optimizer, [2, 4], 0.5)\n",
        "The milestones are epochs, but `scheduler.step()` is called after every update. The opposite mistake makes "
        "the rate seem constant.",
        "Use one unit for both: multiply milestones by the updates per epoch, or use a [hold](porting/hold.md)."),
    Symptom(
        "tensorflow", "Keras' rate is one step late (`optimizer.learning_rate`)", _drops,
        _KERAS.format("PiecewiseConstantDecay") + "learning_rate = PiecewiseConstantDecay([15, 30], "
        "[0.5, 0.25, 0.125])\n",
        "PiecewiseConstantDecay keeps the old value while `step <= boundary`. torch and optax drop at the boundary. "
        "`optimizer.learning_rate` is the rate of the next update: read it before an update, not after.",
        "Subtract 1 from every boundary.",
        _KERAS.format("PiecewiseConstantDecay") + "learning_rate = PiecewiseConstantDecay([15 - 1, 30 - 1], "
        "[0.5, 0.25, 0.125])\n"),
    Symptom(
        "tensorflow", "The rate is 0 after the first drop",
        Factor(base_lr=1.0, factor=0.5, every=10),
        _KERAS.format("ExponentialDecay") + "learning_rate = ExponentialDecay(1, 10, 0.5, staircase=True)\n",
        "Keras computes in the type of the first argument. With the int 1, the factor 0.5 is rounded to 0.",
        "Pass `1.0`, or better `numpy.float64(1.0)`, which makes the class exact."),
    Symptom(
        "tensorflow", "The warm-up does not happen", _warm,
        _KERAS.format("CosineDecay") + "learning_rate = CosineDecay(0.3, 15, alpha=0.01 / 0.3, warmup_steps=5)\n",
        "`warmup_steps` is ignored without a `warmup_target`. With one, the first argument is the first rate of the "
        "warm-up, not the peak.",
        "`CosineDecay(0.0, 15, alpha=0.01 / 0.3, warmup_target=0.3, warmup_steps=5)`."),
    Symptom(
        "tensorflow", "The rates are a few ULP off those of Gluon and torch", _half_cosine,
        _KERAS.format("CosineDecay") + "learning_rate = CosineDecay(0.3, 20, alpha=0.01 / 0.3)\n",
        "With Python numbers, Keras' schedules compute in float32.",
        "Pass `numpy.float64` arguments: the schedule is then computed in float64 and rounded once."),
    Symptom(
        "tensorflow", "After load_model the rates are a few ULP off", _half_cosine,
        "import json\n\nimport keras\nimport numpy\n" + _KERAS.format("CosineDecay") +
        "schedule = CosineDecay(numpy.float64(0.3), 20, alpha=numpy.float64(0.01 / 0.3))\n"
        "saved = json.dumps(keras.saving.serialize_keras_object(schedule))  # model.save does this\n"
        "learning_rate = keras.saving.deserialize_keras_object(json.loads(saved))\n",
        "A saved model stores Python numbers, so a class that was given `numpy.float64` computes in float32 "
        "after loading.",
        "Use the [self-contained code](porting/cosine.md), or a schedule of `frameworks.tensorflow.build`. Both "
        "compute in float64 after loading too."),
    Symptom(
        "tensorflow", 'After model.save("model.h5") a copy of the model trains at 0.001', _half_cosine,
        "import tempfile\n\nimport keras\n" + _KERAS.format("CosineDecay") + """\
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(CosineDecay(0.3, 20, alpha=0.01 / 0.3)), loss="mse")
with tempfile.TemporaryDirectory() as folder:
    model.save(folder + "/model.h5")
learning_rate = float(keras.models.clone_model(model).optimizer.learning_rate)
""",
        "In Keras 3.15, saving the legacy .h5 format removes the optimizer from the model's configuration. A copy, a "
        'pickle and a later `model.save("model.keras")` then have RMSprop with its default rate.',
        'Use `model.save("model.keras")` only. Or call `model.compile` again after saving an .h5 file.'),
]
