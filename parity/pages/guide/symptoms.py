"""Wrong rates without a word: a code, the schedule it was meant to apply, the reason, the way out.

Every code is run when the guide is made, and the update from which it differs is printed.
"""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import Constant, Cosine, Factor, Hold, MultiFactor, Schedule, Shift, Warmup
from parity.pages.guide.measured import Run


@dataclass(frozen=True)
class Symptom:
    """seen: what one notices. meant: the schedule; see `Run` for the rest."""

    framework: str
    seen: str
    meant: Schedule
    code: str
    reason: str
    fix: str

    @property
    def run(self) -> Run:
        """What is to be run."""
        return Run(self.framework, self.meant, self.code)


_GLUON = "from mxnet import lr_scheduler as schedulers\n\n"
_TORCH = ("import torch\nfrom torch.optim import lr_scheduler\n\n"
          "optimizer = torch.optim.SGD(model.parameters(), lr={0})\n")
_KERAS = "from keras.optimizers.schedules import {0}\n\n"

_wave = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
_warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
_drops = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])
_epochs = Hold(updates=10, of=MultiFactor(base_lr=0.5, factor=0.5, milestones=[2, 4]))

SYMPTOMS = [
    Symptom(
        "mxnet", "The rate starts one update early: lr(0) is never applied", _wave,
        _GLUON + "lr_scheduler = schedulers.CosineScheduler(20, base_lr=0.3, final_lr=0.01)\n",
        "A Trainer raises `num_update` before it asks, so its first update asks for 1. It matters for Poly, Cosine "
        "and every warm-up; Factor and MultiFactor compare with `>`, and the two ones cancel.",
        "Port what was applied, a [shift](porting/shift.md) by 1, to continue a training; or have Gluon apply the "
        "formula: by `frameworks.mxnet.build`. With SGD and NAG only, `begin_num_update=-1` does it too. Others "
        "correct their means by that count, which is then 0 at the first update: Adam and Adamax end in "
        "ZeroDivisionError, LAMB and FTML make the weights nan without a word, and Nadam makes another update."),
    Symptom(
        "mxnet", "Training starts at the plot's last rate", _drops,
        _GLUON + "lr_scheduler = schedulers.MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)\n"
        "plotted = [lr_scheduler(t) for t in range(30)]\n",
        "FactorScheduler and MultiFactorScheduler remember how far they were asked, and never go back.",
        "Make a new one for training, or plot a specification, which has no state."),
    Symptom(
        "mxnet", "After a resume the rate is back at base_lr, though the schedule has ended",
        Constant(base_lr=0.01),
        _GLUON + "lr_scheduler = schedulers.CosineScheduler(20, base_lr=0.3, final_lr=0.01)\n"
        "ask = lr_scheduler.__call__\n"
        "lr_scheduler = lambda num_update: ask(num_update + 25)  # what begin_num_update=25 does\n",
        "PolyScheduler and CosineScheduler hold the last rate they computed; a new object, first asked after "
        "`max_update`, has computed none and returns `base_lr`.",
        "Ask it for `min(num_update, max_update)`."),
    Symptom(
        "mxnet", "A cliff right after the warm-up",
        Shift(by=1, of=Warmup(updates=8, then=Factor(base_lr=1.0, factor=0.5, every=3))),
        _GLUON + "lr_scheduler = schedulers.FactorScheduler(3, 0.5, base_lr=1.0, warmup_steps=8)\n",
        "FactorScheduler and MultiFactorScheduler count the updates of the warm-up too: the drops that fell into it "
        "come together at its end.",
        "Count milestones from the start of training, or port it as it is: a [sequence](porting/sequence.md) of two "
        "shifts, which `python -m parity port` writes. Asked for 1 first, the warm-up is over one update sooner but "
        'the drops are not: one shift by 1 of a [warm-up](porting/warmup.md) with clock "keep", which is meant here, '
        "has each drop after it one update early."),
    Symptom(
        "torch", "The rate climbs again after T_max", _wave,
        _TORCH.format(0.3) + "scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 20, eta_min=0.01)\n",
        "CosineAnnealingLR is a whole wave; Gluon's, Keras' and optax's cosines are half of one, and held.",
        "A SequentialLR that ends in a ConstantLR, or the [exact code](porting/cosine.md)."),
    Symptom(
        "torch", "The cosine ends too late by the length of the warm-up", Shift(by=1, of=_warm),
        _TORCH.format(0.3) + "first = lr_scheduler.LinearLR(optimizer, start_factor=1 / 5, total_iters=4)\n"
        "then = lr_scheduler.CosineAnnealingLR(optimizer, 20, eta_min=0.01)\n"
        "scheduler = lr_scheduler.SequentialLR(optimizer, [first, then], [4])\n",
        "Gluon's `max_update` is the total, torch's `T_max` and Keras' `decay_steps` the fall alone.",
        "`T_max = max_update - warmup_steps`."),
    Symptom(
        "torch", "The drop happens an epoch late", _epochs, _TORCH.format(0.5) + """\
rates = [0.5, 0.5, 0.25, 0.25, 0.125]


class EndOfEpoch:  # what a loop with 10 updates an epoch does
    updates = 0

    def step(self):
        self.updates += 1
        if self.updates % 10 == 0:
            epoch = self.updates // 10 - 1  # the one that has just ended
            optimizer.param_groups[0]["lr"] = rates[min(epoch, 4)]


scheduler = EndOfEpoch()
""",
        "A function of the epoch was asked for the epoch that has ended, to set the rate of the next one.",
        "Ask for `epoch + 1` there, or set the rate at the start of an epoch."),
    Symptom(
        "torch", "The rate falls as many times too fast as an epoch has updates", _epochs,
        _TORCH.format(0.5) + "scheduler = lr_scheduler.MultiStepLR(optimizer, [2, 4], 0.5)\n",
        "The milestones are epochs, and `scheduler.step()` is called after every update. The other way round the rate "
        "does not seem to move at all.",
        "One unit for both: milestones times the updates of an epoch, or a [hold](porting/hold.md)."),
    Symptom(
        "tensorflow", "Each drop comes one update late", _drops,
        _KERAS.format("PiecewiseConstantDecay") + "learning_rate = PiecewiseConstantDecay([15, 30], "
        "[0.5, 0.25, 0.125])\n",
        "PiecewiseConstantDecay keeps the old value while `step <= boundary`, where torch and optax drop at it.",
        "Every boundary minus 1."),
    Symptom(
        "tensorflow", "The rate is 0 after the first drop",
        Factor(base_lr=1.0, factor=0.5, every=10),
        _KERAS.format("ExponentialDecay") + "learning_rate = ExponentialDecay(1, 10, 0.5, staircase=True)\n",
        "Keras computes in the type of the first argument: with the int 1 the factor 0.5 is rounded to 0.",
        "`1.0`, or better `numpy.float64(1.0)`: then the class is exact."),
    Symptom(
        "tensorflow", "The warm-up does not happen", _warm,
        _KERAS.format("CosineDecay") + "learning_rate = CosineDecay(0.3, 15, alpha=0.01 / 0.3, warmup_steps=5)\n",
        "`warmup_steps` is ignored without a `warmup_target`; and with one the first argument is where the warm-up "
        "begins, not the peak.",
        "`CosineDecay(0.0, 15, alpha=0.01 / 0.3, warmup_target=0.3, warmup_steps=5)`."),
    Symptom(
        "tensorflow", "The rates are a few ULP off those of Gluon and torch", _wave,
        _KERAS.format("CosineDecay") + "learning_rate = CosineDecay(0.3, 20, alpha=0.01 / 0.3)\n",
        "Given Python numbers, Keras' schedules compute in float32.",
        "`numpy.float64` arguments; the schedule is then computed in float64, and rounded once."),
    Symptom(
        "tensorflow", "After load_model the rates are a few ULP off", _wave,
        "import json\n\nimport keras\nimport numpy\n" + _KERAS.format("CosineDecay") +
        "schedule = CosineDecay(numpy.float64(0.3), 20, alpha=numpy.float64(0.01 / 0.3))\n"
        "saved = json.dumps(keras.saving.serialize_keras_object(schedule))  # model.save does this\n"
        "learning_rate = keras.saving.deserialize_keras_object(json.loads(saved))\n",
        "A saved model holds Python numbers: a class that was given `numpy.float64` computes in float32 after loading.",
        "The [exact code](porting/cosine.md), or a schedule of `frameworks.tensorflow.build`: both compute in float64 "
        "after loading too."),
    Symptom(
        "tensorflow", "After model.save(\"model.h5\") a copy of the model trains at 0.001", _wave,
        "import tempfile\n\nimport keras\n" + _KERAS.format("CosineDecay") + """\
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(CosineDecay(0.3, 20, alpha=0.01 / 0.3)), loss="mse")
with tempfile.TemporaryDirectory() as folder:
    model.save(folder + "/model.h5")
learning_rate = float(keras.models.clone_model(model).optimizer.learning_rate)
""",
        "In Keras 3.15, saving the legacy .h5 format removes the optimizer from the model's configuration. A copy, a "
        "pickle and a later `model.save(\"model.keras\")` then have RMSprop at its default rate.",
        "`model.save(\"model.keras\")` only; or `model.compile` again after saving an .h5 file."),
]
