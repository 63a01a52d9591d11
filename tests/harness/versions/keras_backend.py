"""Prints the rates that Keras' SGD applied, on any backend of Keras, in the format of `python -m parity measure`.

python tests/harness/versions/keras_backend.py UPDATES SPEC.json ...
"""

from __future__ import annotations

import contextlib
import json
import sys

import numpy as np

from frameworks.arguments import Parser, parse_count
from frameworks.observation import GRADIENTS, SHAPES, Observation
from frameworks.schedule import Schedule, read
from parity.measuring.measure import describe_observation


def observe(schedule: Schedule, updates: int) -> Observation:
    """Make updates eagerly with Keras' SGD and return the rates that they applied."""
    import keras

    from frameworks.tensorflow import build

    weights = [keras.Variable(np.zeros(shape, np.float32)) for shape in SHAPES]
    gradients = [keras.ops.full(shape, gradient, "float32") for shape, gradient in zip(SHAPES, GRADIENTS)]
    optimizer = keras.optimizers.SGD(build(schedule))
    optimizer.build(weights)
    seen, reported = [], []
    for _ in range(updates):
        for weight in weights:
            weight.assign(np.zeros(weight.shape, np.float32))
        reported.append(float(keras.ops.convert_to_numpy(optimizer.learning_rate)))
        optimizer.apply(gradients, weights)
        seen.append(np.concatenate([keras.ops.convert_to_numpy(weight).ravel() for weight in weights]))
    return Observation.from_weights(np.array(seen), reported)


def main() -> None:
    """Print one JSON document."""
    parser = Parser(prog="keras_backend.py",
                    description="Print the rates that Keras' SGD applied, on any backend of Keras.")
    parser.add_argument("updates", type=parse_count, help="number of updates of each specification")
    parser.add_argument("specifications", nargs="+", metavar="SPEC.json", help="schedules, .json or .toml")
    chosen = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):
        results = [describe_observation(path, schedule, observe(schedule, chosen.updates))
                   for path in chosen.specifications for schedule in [read(path)]]
        import keras
        import tensorflow
    version = f"{tensorflow.__version__} with keras {keras.__version__} on {keras.backend.backend()}"
    print(json.dumps({"framework": "tensorflow", "version": version, "specifications": results}))


if __name__ == "__main__":
    main()
