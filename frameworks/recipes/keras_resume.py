"""A Keras training that is resumed."""

import keras
import numpy as np

from frameworks.schedule import Cosine
from frameworks.tensorflow import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)


def train(epochs, done=0):
    if done:
        model = keras.models.load_model("model.keras")
    else:
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(build(SCHEDULE)), loss="mse")
    with record(model, "rates.csv", start=8 * done) as rates:
        model.fit(np.ones((32, 2)), np.ones(32), batch_size=4, epochs=epochs, initial_epoch=done, verbose=0)
    model.save("model.keras")
    return rates


train(1)
assert_applied(train(3, done=1), SCHEDULE)
