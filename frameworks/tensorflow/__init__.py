"""Schedules for TensorFlow and Keras, as `keras.optimizers.schedules.LearningRateSchedule` objects.

How it counts
-------------
`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

An optimizer calls its schedule with `iterations`, which is 0 at the first update and is increased after it:
`iterations` is `t`. PiecewiseConstantDecay keeps the old value while `step <= boundary`, so a milestone is a boundary
plus 1. The built-in classes compute in the type of their first rate. For a Python float this is float32, whose rates
are some units in the last place off; for a `numpy.float64` it is float64, which is exact. Here every number is a
`numpy.float64`.

Which Keras
-----------
Keras 3 on TensorFlow supports everything here. Keras 2.10 and later, and tf-keras with TF_USE_LEGACY_KERAS=1, support
`build`, `build_plateau`, `observe`, `observe_plateau` and `set_rate`; pass the schedule to an optimizer of `tf.keras`.
Keras 3 on jax or torch supports `build`, `build_plateau`, `observe` and `set_rate`: TensorFlow computes each rate on
the host; import Keras before TensorFlow. Every other call raises `frameworks.FrameworkUnsupportedError`.

    from frameworks.tensorflow import build
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=build(schedule)), loss=loss)

A saved model holds the specification. Write `import frameworks.tensorflow` before `keras.models.load_model`, which
otherwise raises "Could not locate class 'Specified'" (of `build`) or 'Grouped' (of `build_groups`).
"""

import frameworks.keras_api  # noqa: F401  (it imports Keras before TensorFlow)
from frameworks.assertions import assert_applied
from frameworks.tensorflow.gradients import compute_gradients
from frameworks.tensorflow.groups import build_groups
from frameworks.tensorflow.lenet import build_lenet, read_weights, set_weights
from frameworks.tensorflow.manual import demonstrate_set_rate, set_rate
from frameworks.tensorflow.plateau import Plateau, build_plateau, observe_plateau
from frameworks.tensorflow.printed import build_printed_lenet
from frameworks.tensorflow.probe import observe
from frameworks.tensorflow.recording import record
from frameworks.tensorflow.schedules import Specified, build, replace_schedule
from frameworks.tensorflow.training import choose_device, evaluate, train

__all__ = [
    "Plateau",
    "Specified",
    "assert_applied",
    "build",
    "build_groups",
    "build_lenet",
    "build_plateau",
    "build_printed_lenet",
    "choose_device",
    "compute_gradients",
    "demonstrate_set_rate",
    "evaluate",
    "observe",
    "observe_plateau",
    "read_weights",
    "record",
    "replace_schedule",
    "set_rate",
    "set_weights",
    "train",
]
