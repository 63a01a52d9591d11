"""Gluon's Trainer."""

from frameworks.mxnet import assert_applied, build, record  # before mxnet, which reads names that NumPy has dropped
from frameworks.schedule import Cosine

from mxnet import autograd, gluon, nd

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

net = gluon.nn.Dense(1, in_units=2)
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(SCHEDULE)})
with record(trainer, "rates.csv") as rates:
    for epoch in range(3):
        for _ in range(8):
            with autograd.record():
                loss = net(nd.ones((4, 2)))
            loss.backward()
            trainer.step(4)
assert_applied(rates, SCHEDULE)
