"""Stop a Keras training after 10 updates, and resume it from the saved model."""

import keras
import numpy as np
from frameworks.schedule import Cosine, Warmup
from frameworks.tensorflow import build  # another process must import this before load_model

schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))


def make_updates(model, updates):
    """Make some updates and print the rate that each of them applies."""
    for _ in range(updates):
        print(int(model.optimizer.iterations), float(model.optimizer.learning_rate))
        model.train_on_batch(np.ones((8, 2)), np.zeros((8, 1)))


model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(learning_rate=build(schedule), momentum=0.9), loss="mse")
make_updates(model, 10)
model.save("model.keras")  # weights, optimizer, count of updates, schedule

model = keras.models.load_model("model.keras")
make_updates(model, 15)
