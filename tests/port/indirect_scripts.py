"""Defines scripts that build a scheduler indirectly, in the forms that public code uses: inputs of the tests of `port`.

Each of READ can be run: it has `model`, and leaves `optimizer` and `scheduler`.
"""

_START = """
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, StepLR
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
_IMPORTS = """
import torch
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import ExponentialLR, StepLR
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
_ARGUMENTS = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--sched", default="StepLR")
parser.add_argument("--optim", default="Adam")
args = parser.parse_args([])
"""
#: Scripts whose scheduler is read, by the kind of their call.
READ = {name: _START + text for name, text in {
    "a variable": "cls = torch.optim.lr_scheduler.StepLR\nscheduler = cls(optimizer, 3)",
    "another name": "from torch.optim.lr_scheduler import StepLR as S\nscheduler = S(optimizer, 3)",
    "a module in a variable": "lrs = torch.optim.lr_scheduler\nscheduler = lrs.StepLR(optimizer, 3)",
    "getattr": "scheduler = getattr(torch.optim.lr_scheduler, 'StepLR')(optimizer, 3)",
    "getattr with an option": _ARGUMENTS + """
optimizer = getattr(torch.optim, args.optim)(model.parameters())
scheduler = getattr(torch.optim.lr_scheduler, args.sched)(optimizer, 3)""",
    "import_module": """
import importlib
def build(optimizer, name="torch.optim.lr_scheduler.StepLR"):
    module, last = name.rsplit(".", 1)
    return getattr(importlib.import_module(module), last)(optimizer, 3)
scheduler = build(optimizer)""",
    "__dict__": "scheduler = torch.optim.lr_scheduler.__dict__['StepLR'](optimizer, 3)",
    "globals": "scheduler = globals()['StepLR'](optimizer, 3)",
    "eval": "scheduler = eval('torch.optim.lr_scheduler.StepLR')(optimizer, 3)",
    "partial": "import functools\nmake = functools.partial(StepLR, gamma=0.5)\nscheduler = make(optimizer, 3)",
    "a partial that is passed on": """
import functools
class Trainer:
    def __init__(self, optimizer, scheduler):
        self.optimizer = optimizer(model.parameters())
        self.scheduler = scheduler(self.optimizer)
trainer = Trainer(functools.partial(torch.optim.SGD, lr=0.1), functools.partial(StepLR, step_size=3))
optimizer, scheduler = trainer.optimizer, trainer.scheduler""",
    "a dict of classes": """
kinds = {"step": StepLR, "cosine": CosineAnnealingLR}
options = {"T_max": 7, "eta_min": 0.01}
scheduler = kinds["cosine"](optimizer, **options)""",
    "a dict of settings": """
kinds = {"step": StepLR}
def build(settings, optimizer):
    settings = settings.copy()
    name = settings.pop("name")
    settings["optimizer"] = optimizer
    return kinds.get(name)(**settings)
scheduler = build({"name": "step", "step_size": 3}, optimizer)""",
    "a function with **kwargs": """
def build(optimizer, name, *more, **options):
    return getattr(torch.optim.lr_scheduler, name)(optimizer, *more, **options)
scheduler = build(optimizer, "StepLR", 3, gamma=0.5)""",
    "a function that is passed on": """
def step(optimizer):
    return StepLR(optimizer, 3)
def build(make):
    return make(optimizer)
scheduler = build(step)""",
    "a function that returns a function": """
def make(size):
    def build(optimizer):
        return StepLR(optimizer, size)
    return build
other = make(9)
scheduler = make(3)(optimizer)""",
    "methods": """
class Base:
    KINDS = {"step": StepLR}
    def __init__(self, size):
        self.size = size
        self.setup()
class Trainer(Base):
    def __init__(self):
        super().__init__(3)
    def setup(self):
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
        self.scheduler = self.KINDS["step"](self.optimizer, self.size)
trainer = Trainer()
optimizer, scheduler = trainer.optimizer, trainer.scheduler""",
    "two objects": """
class Trainer:
    def __init__(self, lr):
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    def build(self):
        return StepLR(self.optimizer, 3)
first, second = Trainer(0.1), Trainer(0.2)
scheduler, optimizer = first.build(), first.optimizer""",
    "an attribute of an object": """
class Trainer:
    def __init__(self, lr):
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    def run(self):
        pass
first, second = Trainer(0.1), Trainer(0.2)
scheduler, optimizer = StepLR(first.optimizer, 3), first.optimizer""",
    "a static method": """
class Build:
    @staticmethod
    def step(optimizer, size):
        return StepLR(optimizer, size)
scheduler = Build.step(optimizer, 3)""",
    "a default or": "def build(cls=None):\n    cls = cls or StepLR\n    return cls(optimizer, 3)\nscheduler = build()",
    "match": """
def build(name):
    match name:
        case "step" | "steps":
            return StepLR(optimizer, 3)
        case _:
            return ExponentialLR(optimizer, 0.9)
scheduler = build("steps")"""}.items()}

#: Scripts whose scheduler is listed, not read: the text, the line, the class, a part of the reason, and the needs.
OPEN = {name: (_IMPORTS + text, *rest) for name, (text, *rest) in {
    "getattr": ("\nscheduler = getattr(lr_scheduler, args.sched)(optimizer, 3)", 7, "getattr(lr_scheduler, args.sched)",
                "its class is named by args.sched: give it with --set args.sched=...", ["args.sched"]),
    "a dict": ("kinds = {'a': StepLR, 'b': ExponentialLR}\nscheduler = kinds[args.sched](optimizer, **options)", 7,
               "kinds[args.sched]", "named by args.sched: give it with --set args.sched=..., one of 'a', 'b'",
               ["args.sched"]),
    "an unknown key": ("kinds = {'a': StepLR}\nscheduler = kinds['b'](optimizer)", 7, "kinds['b']",
                       "'b' is not in", []),
    "a branch": ("if fast:\n    cls = StepLR\nelse:\n    cls = ExponentialLR\nscheduler = cls(optimizer, 3)", 10, "cls",
                 "its class depends on fast: give it with --set fast=...", ["fast"]),
    "another file": ("from tools import build_scheduler\nscheduler = build_scheduler(optimizer, args)", 7,
                     "build_scheduler", "tools.build_scheduler is not a scheduler of a supported library", []),
    "another library": ("import warm\ndef build(optimizer):\n    return warm.SlowLR(optimizer, 3)", 8, "warm.SlowLR",
                        "warm.SlowLR is not a scheduler of a supported library, and is not in the file", []),
    "hydra": ("import hydra\nscheduler = hydra.utils.instantiate(args.scheduler, optimizer=optimizer)", 7,
              "hydra.utils.instantiate", "is not in the file: port its constructor alone", []),
    "a parameter": ("class Trainer:\n    def __init__(self, model, scheduler_class):\n"
                    "        self.scheduler = scheduler_class(self.optimizer)", 8, "scheduler_class",
                    "its class is not in the file: port its constructor alone", []),
    "eval": ("\nscheduler = eval(args.sched)(optimizer, 3)", 7, "eval(args.sched)", "is not in the file", []),
    "a partial": ("import tools, functools\ntools.run(functools.partial(StepLR, step_size=3))", 7, "StepLR",
                  "port 'StepLR(optimizer, step_size=3)' alone", []),
    "a class": ("import skorch\nnet = skorch.NeuralNet(callback=StepLR)", 7, "StepLR",
                "NeuralNet calls it, which is not in the file", []),
    "an unknown class": ("\nscheduler = torch.optim.lr_scheduler.StairLR(optimizer)", 7, "StairLR",
                         "StairLR is not a supported scheduler of torch", [])}.items()}

#: Scripts that build no scheduler, though they have the words.
NONE = {name: _IMPORTS + text for name, text in {
    "checks": "if isinstance(scheduler, (StepLR, lr_scheduler.ExponentialLR)):\n    print(StepLR, scheduler.step())",
    "schedulers of noise": "from diffusers import DDIMScheduler\nkinds = {'ddim': DDIMScheduler}\n"
                           "noise_scheduler = kinds[args.kind].from_config(config)\nscheduler = kinds['ddim'](steps=9)",
    "schedulers of jobs": "scheduler = AsyncScheduler(timezone=zone)\nscheduler = build_scheduler(bot, settings)",
    "what is passed a scheduler": "model, optimizer, scheduler = prepare(model, optimizer, scheduler)\n"
                                  "save_checkpoint(optimizer, scheduler)\nupdate_lr_schedule(optimizer)\n"
                                  "trainer = Trainer(optimizer=optimizer, lr_scheduler=scheduler)",
    "optimizers": "optimizer = getattr(torch.optim, args.optim)(parameters, lr=0.1)\nmake = {'a': optimizer}['a']",
    "other lambdas": "rows = sorted(rows, key=lambda row: row.lr)\nlayer = getattr(torch.nn, args.layer)(3)"}.items()}
