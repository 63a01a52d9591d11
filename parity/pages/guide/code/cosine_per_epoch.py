"""Let Keras follow a cosine that changes once per epoch, without a callback."""

import keras
from frameworks.schedule import Cosine, Hold
from frameworks.tensorflow import build

schedule = Hold(updates=235, of=Cosine(base_lr=0.3, final_lr=0.01, updates=20))  # 20 epochs of 235 updates
optimizer = keras.optimizers.SGD(learning_rate=build(schedule))
