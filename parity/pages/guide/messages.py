"""Errors and warnings of the frameworks: a code that provokes each, what to search for, the reason, the way out.

Every code is run when the guide is made, and must say what is quoted here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """framework: whose. quoted: part of what it says. alone: whether the code runs in a Python of its own."""

    framework: str
    quoted: str
    code: str
    reason: str
    fix: str
    alone: bool = False

    @property
    def process(self) -> str:
        """Where the code runs: the framework's process, or "python", in which nothing is imported yet."""
        return "python" if self.alone else self.framework


_GLUON = "from mxnet import gluon, lr_scheduler\n"
_TRAINED = _GLUON + "weight = gluon.Parameter('weight', shape=(1,))\nweight.initialize()\n"
_TORCH = ("import torch\nfrom torch.optim import lr_scheduler\n\n"
          "optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)\n")
_KERAS = "import keras\nfrom keras.optimizers.schedules import CosineDecay, LearningRateSchedule\n\n"
_FIT = """\
import numpy as np

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD({0}), loss="mse")
model.fit(np.ones((8, 2)), np.zeros((8, 1)), verbose=0{1})
"""

MESSAGES = [
    Message(
        "mxnet", "AttributeError: module 'numpy' has no attribute 'bool'", "import mxnet",
        "MXNet 1.9.1 uses `numpy.bool`, which NumPy 1.24 removed.",
        "`import numpy; numpy.bool = bool` before `import mxnet`; `import frameworks.mxnet` does this.", alone=True),
    Message(
        "mxnet", "Base lr has to be higher than warmup_begin_lr",
        _GLUON + "\nlr_scheduler.CosineScheduler(20, base_lr=0.1, warmup_steps=5, warmup_begin_lr=0.2)",
        "Gluon's warm-up only climbs. `base_lr` is 0.01 if it is left out, whatever rate the Trainer was given.",
        "Give the scheduler its `base_lr`. For a warm-up that goes down, `Warmup(updates=5, begin_lr=0.2, then=...)`."),
    Message(
        "mxnet", "learning rate from ``lr_scheduler`` has been overwritten by ``learning_rate`` in optimizer.",
        _TRAINED + "gluon.Trainer([weight], 'adam', {'lr_scheduler': lr_scheduler.FactorScheduler(3, base_lr=0.3)})",
        "Adam, AdaMax, Nadam, RMSProp, Signum, LAMB and Ftrl write their own default rate into the scheduler's "
        "`base_lr`, even where no learning_rate was given; SGD does it only where one was. It is a line on stdout, not "
        "a warning. Factor and MultiFactor then train from that rate; Poly and Cosine ignore it.",
        "Give `learning_rate` and `base_lr` the same number. Before porting, find out which of the two was applied: "
        "`python -m parity port ... --optimizer \"Adam()\"` reads it so."),
    Message(
        "mxnet", "LRScheduler of the optimizer has already been defined.",
        _TRAINED + "trainer = gluon.Trainer([weight], 'sgd', {'lr_scheduler': lr_scheduler.FactorScheduler(3)})\n"
        "trainer.set_learning_rate(0.1)",
        "It is raised, although it is a UserWarning: a Trainer with a scheduler has no rate of its own to set.",
        "Either a scheduler, or `set_learning_rate` before every update, not both."),
    Message(
        "mxnet", "Schedule step must be an increasing integer list",
        _GLUON + "\nlr_scheduler.MultiFactorScheduler([30, 15], 0.5)",
        "The milestones are not in order, or one stands there twice. torch sorts them and counts a double one twice.",
        "Sort them; a milestone that stood there twice in torch means the factor squared."),
    Message(
        "mxnet", "ZeroDivisionError: float division by zero",
        _GLUON + "\nlr_scheduler.CosineScheduler(5, base_lr=0.3, warmup_steps=5)(5)",
        "`max_update` is the end of everything, the warm-up included: with as many updates of warm-up none is left "
        "for the fall. It fails only at that update. With more warm-up than that it stays at `base_lr` for ever.",
        "`max_update = warmup_steps + updates of the fall`."),
    Message(
        "torch", "UserWarning: Detected call of `lr_scheduler.step()` before `optimizer.step()`.",
        _TORCH + "scheduler = lr_scheduler.StepLR(optimizer, 3)\nscheduler.step()\noptimizer.step()",
        "The constructor has made the first step already, so one more before the first update skips `lr(0)`: all "
        "rates come one update early. A GradScaler that skips its first update causes it too.",
        "`scheduler.step()` after every `optimizer.step()`. With a GradScaler, only where the update was made: see "
        "[skipped updates](#skipped-updates)."),
    Message(
        "torch", "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
        _TORCH + "lr_scheduler.LinearLR(optimizer, start_factor=0.0, total_iters=5)",
        "LinearLR multiplies its last rate, and from 0 nothing can be multiplied: a warm-up from exactly 0, as Gluon's "
        "and Keras' begin, is not to be had from it.",
        "A LambdaLR with the [exact code](porting/warmup.md), or a Gluon warm-up as it is applied, which starts at "
        "`base_lr / warmup_steps`."),
    Message(
        "torch", "Sequential Schedulers expects number of schedulers provided to be one more than the number of "
        "milestone points", _TORCH + "lr_scheduler.SequentialLR(optimizer, [lr_scheduler.StepLR(optimizer, 3)], [5])",
        "Milestones stand between schedulers: two need one, three need two. A milestone is the first update of the "
        "next scheduler, whose clock starts at 0.",
        "Leave out 0 and the end; hold the last rate by a ConstantLR after the last milestone."),
    Message(
        "torch", "Tried to step 3 times. The specified number of total steps is 2",
        _TORCH + "scheduler = lr_scheduler.OneCycleLR(optimizer, 0.3, total_steps=2, cycle_momentum=False)\n"
        "for _ in range(3):\n    optimizer.step()\n    scheduler.step()",
        "OneCycleLR is the only one that raises past its end, mostly because `epochs * steps_per_epoch` forgot the "
        "last short batch.",
        "Count updates as [below](#from-epochs-to-updates): rounded up, and those of all epochs."),
    Message(
        "torch", "param 'initial_lr' is not specified in param_groups[0] when resuming",
        _TORCH + "lr_scheduler.StepLR(optimizer, 3, last_epoch=5)",
        "`last_epoch` is for an optimizer whose state was loaded, not for starting somewhere in a schedule.",
        "Build both anew, then load the optimizer's state, then the scheduler's; or build a "
        "[shift](porting/shift.md)."),
    Message(
        "tensorflow", "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` "
        "constructor argument, hence its learning rate is not settable.",
        _KERAS + "optimizer = keras.optimizers.SGD(CosineDecay(0.3, 20))\noptimizer.learning_rate = 0.1",
        "A Keras optimizer has a schedule or a rate that can be set. The callbacks LearningRateScheduler and "
        "ReduceLROnPlateau set it, and fail with the same words.",
        "Compile with a float where a callback decides; else express the callback's rule as a schedule, such as a "
        "[hold](porting/hold.md) for one that changes per epoch."),
    Message(
        "tensorflow", "object has no attribute 'assign'",
        _KERAS + "keras.optimizers.SGD(CosineDecay(0.3, 20)).learning_rate.assign(0.1)",
        "With a schedule `optimizer.learning_rate` is a new tensor, the rate of the next update, and not the variable "
        "that it is with a float.",
        "As above. To continue elsewhere in the schedule, `optimizer.iterations.assign(t)`."),
    Message(
        "tensorflow", "AttributeError: 'SGD' object has no attribute 'lr'",
        _KERAS + "keras.optimizers.SGD(0.3).lr",
        "`lr` is of Keras 2; the book's code still has it.", "`optimizer.learning_rate`."),
    Message(
        "tensorflow", "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed.",
        _KERAS + "class Schedule(LearningRateSchedule):\n    def __call__(self, step):\n"
        "        return 0.3 if step < 15 else 0.15\n\n" + _FIT.format("Schedule()", ""),
        "`fit` compiles the schedule: `step` is then a tensor without a value, and `if`, `min`, `int` or `math.cos` "
        "of it fail, though all of them work when it is called by hand.",
        "`tf.where(step < 15, 0.3, 0.15)`, `tf.minimum`, `tf.cos`; both sides of a `tf.where` are computed."),
    Message(
        "tensorflow", "The length of boundaries should be 1 less than the length of values.",
        _KERAS + "keras.optimizers.schedules.PiecewiseConstantDecay([15, 30], [0.5, 0.25])",
        "`values` are rates, the first one included, where Gluon and torch have one factor.",
        "`[base_lr * factor**n for n in range(len(milestones) + 1)]`, and each milestone minus 1: see "
        "[multi_factor](porting/multi_factor.md)."),
    Message(
        "tensorflow", "must override `get_config()` in order to be serializable.",
        _KERAS + "class Schedule(LearningRateSchedule):\n    def __call__(self, step):\n        return 0.3\n\n"
        "keras.optimizers.SGD(Schedule()).get_config()",
        "Saving a compiled model saves the schedule as its configuration.",
        "Return the constructor's arguments from `get_config`, and register the class with "
        "`keras.saving.register_keras_serializable()`, or loading cannot find it."),
]
