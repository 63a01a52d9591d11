"""Stop a PyTorch training after 10 updates, and resume it in newly built objects."""

import torch
from frameworks.schedule import Cosine, Warmup
from frameworks.torch import build

schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))


def build_training():
    """Return a new network, its optimizer, and the scheduler."""
    net = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), momentum=0.9)
    return net, optimizer, build(schedule, optimizer)


def make_updates(net, optimizer, scheduler, updates):
    """Make some updates and print the rate that each of them applies."""
    for _ in range(updates):
        print(scheduler.last_epoch, optimizer.param_groups[0]["lr"])
        optimizer.zero_grad()
        (net(torch.ones(8, 2)) ** 2).mean().backward()
        optimizer.step()
        scheduler.step()


net, optimizer, scheduler = build_training()
make_updates(net, optimizer, scheduler, 10)
torch.save([net.state_dict(), optimizer.state_dict(), scheduler.state_dict()], "training.pt")

net, optimizer, scheduler = build_training()  # as a new process does; the scheduler before any state is loaded
states = torch.load("training.pt")
net.load_state_dict(states[0])
optimizer.load_state_dict(states[1])
scheduler.load_state_dict(states[2])
make_updates(net, optimizer, scheduler, 15)
