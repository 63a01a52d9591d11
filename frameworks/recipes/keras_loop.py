"""A custom loop of Keras."""

import keras
import tensorflow as tf

from frameworks.schedule import Cosine
from frameworks.tensorflow import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(build(SCHEDULE))
inputs = tf.ones((4, 2))


@tf.function
def update(inputs):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(net(inputs))
    optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))


with record(optimizer, "rates.csv") as rates:
    for epoch in range(3):
        for _ in range(8):
            update(inputs)
assert_applied(rates, SCHEDULE)
