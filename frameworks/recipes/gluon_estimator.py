"""Gluon's Estimator."""

from frameworks.mxnet import assert_applied, build, record  # before mxnet, which reads names that NumPy has dropped
from frameworks.schedule import Cosine

import mxnet as mx
from mxnet import gluon
from mxnet.gluon.contrib.estimator import Estimator

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

net = gluon.nn.Dense(1, in_units=2)
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(SCHEDULE)})
data = gluon.data.ArrayDataset(mx.nd.ones((32, 2)), mx.nd.ones((32, 1)))
estimator = Estimator(net, gluon.loss.L2Loss(), trainer=trainer, train_metrics=mx.metric.MSE())
with record(estimator, "rates.csv") as rates:
    estimator.fit(gluon.data.DataLoader(data, batch_size=4), epochs=3)
assert_applied(rates, SCHEDULE)
