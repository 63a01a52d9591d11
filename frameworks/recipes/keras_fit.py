"""`fit` of Keras, with two batches for each update."""

import keras
import numpy as np

from frameworks.schedule import Cosine, Hold
from frameworks.tensorflow import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
held = Hold(updates=2, of=SCHEDULE)  # Keras counts batches
optimizer = keras.optimizers.SGD(build(held), gradient_accumulation_steps=2)
model.compile(optimizer, loss="mse")
with record(model, "rates.csv") as rates:
    model.fit(np.ones((64, 2)), np.ones(64), batch_size=4, epochs=3, verbose=0)
assert_applied(rates, SCHEDULE)
