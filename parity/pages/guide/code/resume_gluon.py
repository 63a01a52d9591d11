"""Stop a Gluon training after 10 updates, and resume it in newly built objects."""

from frameworks.mxnet import build  # before mxnet: it restores the numpy.bool that mxnet needs
from frameworks.schedule import Cosine, Warmup
from mxnet import autograd, gluon, nd

schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))


def build_training():
    """Return a new network, and a Trainer with the schedule."""
    net = gluon.nn.Dense(1, in_units=2)
    net.initialize()
    return net, gluon.Trainer(net.collect_params(), "sgd", {"momentum": 0.9, "lr_scheduler": build(schedule)})


def make_updates(net, trainer, updates):
    """Make some updates and print the rate that each of them applied."""
    for _ in range(updates):
        with autograd.record():
            loss = (net(nd.ones((8, 2))) ** 2).mean()
        loss.backward()
        trainer.step(1)
        print(trainer.optimizer.num_update - 1, trainer.learning_rate)


net, trainer = build_training()
make_updates(net, trainer, 10)
net.save_parameters("net.params")
trainer.save_states("trainer.states")  # the count of updates, the momentum, the schedule

net, trainer = build_training()  # as a new process does
net.load_parameters("net.params")
trainer.load_states("trainer.states")
make_updates(net, trainer, 15)
