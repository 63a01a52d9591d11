"""Lists errors and warnings of the frameworks: the code that causes each, its text, the reason and what to do.

Every code is run when the guide is made, and must cause the quoted text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """An error or a warning.

    framework: "mxnet", "torch" or "tensorflow". quoted: part of its text. code: causes it. reason, fix: sentences.
    alone: whether the code runs in a new Python process (default: False).
    """

    framework: str
    quoted: str
    code: str
    reason: str
    fix: str
    alone: bool = False

    @property
    def process(self) -> str:
        """The process for the code: the framework's, or "python", a new one without imports."""
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
        "Gluon's warm-up can only increase. `base_lr` is 0.01 by default, whatever the Trainer's rate is.",
        "Pass `base_lr` to the scheduler. For a decreasing warm-up: `Warmup(updates=5, begin_lr=0.2, then=...)`."),
    Message(
        "mxnet", "learning rate from ``lr_scheduler`` has been overwritten by ``learning_rate`` in optimizer.",
        _TRAINED + "gluon.Trainer([weight], 'adam', {'lr_scheduler': lr_scheduler.FactorScheduler(3, base_lr=0.3)})",
        "Adam, AdaMax, Nadam, RMSProp, Signum, LAMB and Ftrl write their default rate into the scheduler's `base_lr`, "
        "even without a `learning_rate` argument; SGD only with one. The message is a line on stdout, not a warning. "
        "Factor and MultiFactor then start from that rate; Poly and Cosine ignore it.",
        "Pass the same number as `learning_rate` and `base_lr`. Before porting, find out which of the two was applied: "
        '`python -m parity port ... --optimizer "Adam()"` reads it as Gluon applies it.'),
    Message(
        "mxnet", "LRScheduler of the optimizer has already been defined.",
        _TRAINED + "trainer = gluon.Trainer([weight], 'sgd', {'lr_scheduler': lr_scheduler.FactorScheduler(3)})\n"
        "trainer.set_learning_rate(0.1)",
        "A Trainer with a scheduler has no rate that can be set. The class is UserWarning, but Gluon raises it.",
        "Use either a scheduler, or `set_learning_rate` before every update."),
    Message(
        "mxnet", "Schedule step must be an increasing integer list",
        _GLUON + "\nlr_scheduler.MultiFactorScheduler([30, 15], 0.5)",
        "The milestones are not in order, or one occurs twice. torch sorts them, and a double one drops twice.",
        "Sort them. A double milestone in torch is one drop by the factor squared."),
    Message(
        "mxnet", "ZeroDivisionError: float division by zero",
        _GLUON + "\nlr_scheduler.CosineScheduler(5, base_lr=0.3, warmup_steps=5)(5)",
        "`max_update` includes the warm-up. If the warm-up has as many updates, none is left for the decay, and update "
        "`max_update` fails. If the warm-up is longer, the rate stays at `base_lr`.",
        "`max_update = warmup_steps + updates of the decay`."),
    Message(
        "torch", "UserWarning: Detected call of `lr_scheduler.step()` before `optimizer.step()`.",
        _TORCH + "scheduler = lr_scheduler.StepLR(optimizer, 3)\nscheduler.step()\noptimizer.step()",
        "The constructor makes the first step. Another step before the first update skips `lr(0)`: all rates come one "
        "update early. A GradScaler that skips its first update causes the warning too.",
        "Call `scheduler.step()` after every `optimizer.step()`. With a GradScaler, only if the update was made: see "
        "[skipped updates](#skipped-updates)."),
    Message(
        "torch", "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
        _TORCH + "lr_scheduler.LinearLR(optimizer, start_factor=0.0, total_iters=5)",
        "LinearLR multiplies its last rate, so it cannot start from 0. Gluon's and Keras' warm-ups can.",
        "A LambdaLR with the [self-contained code](porting/warmup.md). Or a Gluon warm-up as a Trainer applies it, "
        "from `base_lr / warmup_steps`."),
    Message(
        "torch", "Sequential Schedulers expects number of schedulers provided to be one more than the number of "
        "milestone points", _TORCH + "lr_scheduler.SequentialLR(optimizer, [lr_scheduler.StepLR(optimizer, 3)], [5])",
        "Milestones are between schedulers: two schedulers need one, three need two. A milestone is the first update "
        "of the next scheduler, whose clock starts at 0.",
        "Leave out 0 and the end. To hold the last rate, add a ConstantLR after the last milestone."),
    Message(
        "torch", "Tried to step 3 times. The specified number of total steps is 2",
        _TORCH + "scheduler = lr_scheduler.OneCycleLR(optimizer, 0.3, total_steps=2, cycle_momentum=False)\n"
        "for _ in range(3):\n    optimizer.step()\n    scheduler.step()",
        "OneCycleLR is the only class that raises an error past its end. Usually `epochs * steps_per_epoch` lacks the "
        "last, shorter batch.",
        "Count updates as [below](#from-epochs-to-updates): rounded up, over all epochs."),
    Message(
        "torch", "param 'initial_lr' is not specified in param_groups[0] when resuming",
        _TORCH + "lr_scheduler.StepLR(optimizer, 3, last_epoch=5)",
        "`last_epoch` is for an optimizer whose state was loaded, not for a start inside a schedule.",
        "Build both again, load the optimizer's state, then the scheduler's. Or build a "
        "[shift](porting/shift.md)."),
    Message(
        "tensorflow", "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` "
        "constructor argument, hence its learning rate is not settable.",
        _KERAS + "optimizer = keras.optimizers.SGD(CosineDecay(0.3, 20))\noptimizer.learning_rate = 0.1",
        "A Keras optimizer has either a schedule or a rate that can be set. The callbacks LearningRateScheduler and "
        "ReduceLROnPlateau set the rate, and fail with the same message.",
        "With a callback, compile with a float. Or express the callback's rule as a schedule, such as a "
        "[hold](porting/hold.md) for a rate per epoch."),
    Message(
        "tensorflow", "object has no attribute 'assign'",
        _KERAS + "keras.optimizers.SGD(CosineDecay(0.3, 20)).learning_rate.assign(0.1)",
        "With a schedule, `optimizer.learning_rate` is a new tensor, the rate of the next update. With a float it is a "
        "variable.",
        "As above. To continue at another update of the schedule, `optimizer.iterations.assign(t)`."),
    Message(
        "tensorflow", "AttributeError: 'SGD' object has no attribute 'lr'",
        _KERAS + "keras.optimizers.SGD(0.3).lr",
        "`lr` is an attribute of Keras 2. The book's code has it.", "`optimizer.learning_rate`."),
    Message(
        "tensorflow", "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed.",
        _KERAS + "class Schedule(LearningRateSchedule):\n    def __call__(self, step):\n"
        "        return 0.3 if step < 15 else 0.15\n\n" + _FIT.format("Schedule()", ""),
        "`fit` compiles the schedule. `step` is then a tensor without a value, so `if`, `min`, `int` and `math.cos` "
        "fail, though they work in a direct call.",
        "`tf.where(step < 15, 0.3, 0.15)`, `tf.minimum`, `tf.cos`; both sides of a `tf.where` are computed."),
    Message(
        "tensorflow", "The length of boundaries should be 1 less than the length of values.",
        _KERAS + "keras.optimizers.schedules.PiecewiseConstantDecay([15, 30], [0.5, 0.25])",
        "`values` are rates, including the first one. Gluon and torch have one factor instead.",
        "`[base_lr * factor**n for n in range(len(milestones) + 1)]`, and each milestone minus 1: see "
        "[multi_factor](porting/multi_factor.md)."),
    Message(
        "tensorflow", "must override `get_config()` in order to be serializable.",
        _KERAS + "class Schedule(LearningRateSchedule):\n    def __call__(self, step):\n        return 0.3\n\n"
        "keras.optimizers.SGD(Schedule()).get_config()",
        "Saving a compiled model saves the schedule's configuration.",
        "Return the constructor's arguments from `get_config`. Register the class with "
        "`keras.saving.register_keras_serializable()`, or `load_model` does not find it."),
]
