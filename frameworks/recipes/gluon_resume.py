"""A Gluon training that is resumed."""

from frameworks.mxnet import assert_applied, build, record  # before mxnet, which reads names that NumPy has dropped
from frameworks.schedule import Cosine

from mxnet import autograd, gluon, nd

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)


def train(updates, done=0):
    net = gluon.nn.Dense(1, in_units=2)
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(SCHEDULE)})
    if done:
        net.load_parameters("net.params")
        trainer.load_states("trainer.states")
    with record(trainer, "rates.csv", start=done) as rates:
        for update in range(done, updates):
            with autograd.record():
                loss = net(nd.ones((4, 2)))
            loss.backward()
            trainer.step(4)
    net.save_parameters("net.params")
    trainer.save_states("trainer.states")
    return rates


train(10)
assert_applied(train(24, done=10), SCHEDULE)
