"""Defines reduced scripts in the forms that users write: inputs of the tests of `port`."""

#: A script like GluonCV's: options, a warm-up, steps in epochs, a trainer in a nested function.
GLUONCV = """
import argparse
from mxnet import gluon
from gluoncv.utils import LRScheduler, LRSequential

def parse_args():
    parser = argparse.ArgumentParser(description='x')
    parser.add_argument('--lr', type=float, default=0.1)
    parser.add_argument('--lr-mode', type=str, default='step')
    parser.add_argument('--lr-decay-epoch', type=str, default='4,6')
    parser.add_argument('--lr-decay-period', type=int, default=0)
    parser.add_argument('--num-samples', type=int, default=-1)
    parser.add_argument('--num-epochs', type=int, default='9')
    parser.add_argument('--warmup-epochs', type=int, default=1)
    parser.add_argument('--no-wd', action='store_true')
    return parser.parse_args()

def get_data(args):
    if args.num_samples < 0:
        args.num_samples = len(train_dataset)

def main():
    opt = parse_args()
    get_data(opt)
    if opt.lr_decay_period > 0:
        steps = list(range(opt.lr_decay_period, opt.num_epochs, opt.lr_decay_period))
    else:
        steps = [int(i) for i in opt.lr_decay_epoch.split(',')]
    steps = [e - opt.warmup_epochs for e in steps]
    batches = opt.num_samples // 10
    lr_scheduler = LRSequential([
        LRScheduler('linear', base_lr=0, target_lr=opt.lr, nepochs=opt.warmup_epochs, iters_per_epoch=batches),
        LRScheduler(opt.lr_mode, base_lr=opt.lr, nepochs=opt.num_epochs - opt.warmup_epochs,
                    iters_per_epoch=batches, step_epoch=steps, step_factor=0.1)])
    optimizer_params = {'wd': 0.1, 'momentum': 0.9, 'lr_scheduler': lr_scheduler}
    if opt.dtype != 'float32':
        optimizer_params['multi_precision'] = True

    def train(net):
        trainer = gluon.Trainer(net.collect_params(), 'nag', optimizer_params)
        for epoch in range(opt.num_epochs):
            trainer.step(1)
    train(build_net())

if __name__ == '__main__':
    main()
"""
#: A script like torchvision's reference: branches by options, a warm-up before the main scheduler, stepped by epoch.
TORCH = """
import argparse, torch

def get_parser():
    parser = argparse.ArgumentParser()
    for_all = parser.add_argument_group('schedule')
    for_all.add_argument("--lr", default=0.5, type=float)
    for_all.add_argument("--lr-scheduler", default="cosineannealinglr", type=str)
    for_all.add_argument("--epochs", default=90, type=int)
    for_all.add_argument("--warmup", default=5, type=int)
    return parser

class Runner:
    def __init__(self, args):
        self.args = args
        self.optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    def run(self):
        args = self.args
        name = args.lr_scheduler.lower()
        if name == "steplr":
            main_scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, args.lr_step_size)
        elif name == "cosineannealinglr":
            main_scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=args.epochs - args.warmup)
        else:
            raise RuntimeError(name)
        warm = torch.optim.lr_scheduler.LinearLR(self.optimizer, start_factor=0.01, total_iters=args.warmup)
        scheduler = torch.optim.lr_scheduler.SequentialLR(self.optimizer, [warm, main_scheduler], [args.warmup])
        for epoch in range(args.epochs):
            scheduler.step()

args = get_parser().parse_args()
Runner(args)
"""
KERAS = """
import keras
from keras.optimizers import schedules
steps = len(train) * 10
model.compile(optimizer=keras.optimizers.Adam(schedules.CosineDecay(0.1, decay_steps=steps, alpha=0.01)), loss="mse")
"""
MODULE = """
import mxnet as mx
options = dict(momentum=0.9)
mod = mx.mod.Module(symbol)
mod.fit(data, optimizer='sgd', num_epoch=8, optimizer_params=(
    ('learning_rate', 0.25), ('lr_scheduler', mx.lr_scheduler.FactorScheduler(step=1000, factor=0.9))))
adam = mx.optimizer.create('adam', lr_scheduler=mx.lr_scheduler.MultiFactorScheduler([5, 9], 0.1))
late = mx.optimizer.SGD(begin_num_update=3, lr_scheduler=mx.lr_scheduler.MultiFactorScheduler([5], 0.1, 0.5))
"""

#: A script with schedulers of libraries on top of torch, and of optax.
LIBRARIES = """
import optax, timm.optim, torch
from composer import Trainer
from composer.optim import CosineAnnealingWithWarmupScheduler
from timm.scheduler import CosineLRScheduler
from transformers import get_cosine_schedule_with_warmup, get_scheduler

optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
first = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=100, num_training_steps=1000)
second = get_scheduler("linear", optimizer, num_warmup_steps=0, num_training_steps=1000)
third = CosineLRScheduler(timm.optim.create_optimizer_v2(model, opt="sgd", lr=0.1), t_initial=100)
schedule = optax.warmup_cosine_decay_schedule(0.0, 1e-3, 100, 1000)
scheduler = CosineAnnealingWithWarmupScheduler(t_warmup="100ba", alpha_f=0.1)
Trainer(model, optimizers=torch.optim.SGD(model.parameters(), lr=0.2), schedulers=[scheduler], max_duration="2000ba")
"""
