"""Compares composed kinds with the library classes of the same names."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pytest

from frameworks.schedule import Cyclic, Linear, OneCycle, Piecewise, Wsd, lrs


def list_stepped_rates(make, updates):
    """Return the rates of a torch scheduler, read from its optimizer."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5, momentum=0.9)
    scheduler = make(optimizer)
    rates = []
    for update in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if update < updates - 1:
            scheduler.step()
    return np.array(rates)


@pytest.mark.parametrize("three", [False, True])
@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize(("total", "share"), [(50, 0.3), (100, 0.25), (21, 0.3), (30, 0.4), (7, 0.45)])
def test_one_cycle_is_torchs(total, share, strategy, three):
    from torch.optim.lr_scheduler import OneCycleLR

    found = list_stepped_rates(lambda optimizer: OneCycleLR(optimizer, max_lr=0.5, total_steps=total, pct_start=share,
                                                            anneal_strategy=strategy, three_phase=three), total)
    ours = OneCycle(base_lr=0.5 / 25, peak_lr=0.5, final_lr=0.5 / 25 / 1e4, phases=3 if three else 2,
                    rise=float(share * total) - 1, updates=total - 1, mode={"cos": "cosine"}.get(strategy, strategy))
    assert np.abs(lrs(ours, total) - found).max() < 1e-15
    late = ours.model_copy(update={"rise": ours.rise + 1})
    assert three or np.abs(lrs(late, total) - found).max() > 1e-3


@pytest.mark.parametrize("down", [None, 3])
@pytest.mark.parametrize(("mode", "gamma"), [("triangular", 1.0), ("triangular2", 1.0), ("exp_range", 0.97)])
def test_cyclic_is_torchs(mode, gamma, down):
    from torch.optim.lr_scheduler import CyclicLR

    found = list_stepped_rates(lambda optimizer: CyclicLR(optimizer, base_lr=0.1, max_lr=0.6, step_size_up=7, mode=mode,
                                                          gamma=gamma, step_size_down=down), 60)
    ours = Cyclic(low=0.1, high=0.6, up=7, down=down, mode=mode, gamma=gamma)
    assert np.abs(lrs(ours, 60) - found).max() < 1e-14
    assert np.abs(lrs(ours.model_copy(update={"up": 8}), 60) - found).max() > 1e-3


def test_linear_is_torchs():
    from torch.optim.lr_scheduler import LinearLR

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list_stepped_rates(lambda optimizer: LinearLR(optimizer, start_factor=1.0, end_factor=0.2,
                                                              total_iters=8), 12)
    assert np.abs(lrs(Linear(base_lr=0.5, final_lr=0.1, updates=8), 12) - found).max() < 1e-15


def test_linear_and_piecewise_are_keras():
    from keras.optimizers.schedules import PiecewiseConstantDecay, PolynomialDecay

    keras = PolynomialDecay(np.float64(0.5), np.float64(8), np.float64(0.1), np.float64(1))
    found = np.array([float(keras(np.int64(t))) for t in range(12)])
    assert np.abs(lrs(Linear(base_lr=0.5, final_lr=0.1, updates=8), 12) - found).max() < 1e-15
    keras = PiecewiseConstantDecay([4, 6], [0.5, 0.125, 0.25])
    found = [float(keras(np.int64(t))) for t in range(9)]
    assert lrs(Piecewise(values=[0.5, 0.125, 0.25], boundaries=[5, 7]), 9).tolist() == found  # Keras has 1 less


def test_wsd_is_hugging_faces():
    """Computes transformers' get_wsd_schedule: warm-up and decay are counted from 0, and go to min_lr_ratio."""
    warmup, stable, decay, least = 5, 7, 11, 0.1
    found = lrs(Wsd(base_lr=0.3, begin_lr=0.03, final_lr=0.03, warmup=warmup, stable=stable, decay=decay,
                    tail="cosine"), 40)
    for t, rate in enumerate(found):
        factor = least
        if t < warmup:
            factor = t / warmup * (1 - least) + least
        elif t < warmup + stable:
            factor = 1.0
        elif t < warmup + stable + decay:
            share = (t - warmup - stable) / decay
            factor = 0.5 * (1 + math.cos(math.pi * share)) * (1 - least) + least
        assert rate == pytest.approx(0.3 * factor, rel=1e-14), t


@pytest.mark.parametrize("tail", ["linear", "cosine"])
def test_wsd_is_timms(tail, root):
    recorded = json.loads((root / "parity/pages/coverage/recorded/timm.json").read_text())
    name = f"WSDLRScheduler(optimizer, t_initial=20, decay_t=10, decay_fn='{tail}', warmup_t=5, t_in_epochs=False)"
    (found,) = (rows[name] for rows in recorded.values() if isinstance(rows, dict) and name in rows)
    ours = Wsd(base_lr=0.4, warmup=5, stable=10, decay=10, tail=tail)
    assert np.abs(lrs(ours, len(found)) - found).max() < 1e-15
    assert np.abs(lrs(ours.model_copy(update={"stable": 11}), len(found)) - found).max() > 1e-3


@pytest.mark.parametrize(("more", "fields"), [
    ("", {"tail": "cosine"}),
    (", decay_type='linear', min_lr_ratio=0.1", {"begin_lr": 0.04, "final_lr": 0.04}),
    (", warmup_type='cosine'", {"tail": "cosine", "warmup_mode": "cosine"}),
])
def test_wsd_is_transformers(more, fields, root):
    recorded = json.loads((root / "parity/pages/coverage/recorded/transformers.json").read_text())
    name = f"get_wsd_schedule(optimizer, 5, 10, num_stable_steps=10{more})"
    (found,) = (rows[name] for rows in recorded.values() if isinstance(rows, dict) and name in rows)
    ours = Wsd(base_lr=0.4, warmup=5, stable=10, decay=10, **fields)
    assert np.abs(lrs(ours, len(found)) - found).max() < 1e-15
