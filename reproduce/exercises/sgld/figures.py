"""Draws the posterior of the mixture beside the shares of the samples."""

from __future__ import annotations

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from reproduce.exercises.sgld import posterior
from reproduce.trainer.figures import format_svg


def draw_mixture(samples: np.ndarray, seed: int) -> str:
    """Return a figure as SVG: posterior, samples of the second half of all chains, and the path of one chain.

    samples: shape (sweeps, 2, chains). seed: of the data.
    """
    expected = posterior.compute_posterior(posterior.draw_points(seed))
    kept = samples[len(samples) // 2:]
    shares = posterior.compute_shares(kept, np.ones(len(kept)))
    figure, axes = plt.subplots(1, 3, figsize=(8.3, 3.1), layout="constrained", sharex=True, sharey=True)
    low, high = zip(*((bounds[0], bounds[-1]) for bounds in posterior.BOUNDS))
    for part, values, title in ((axes[0], expected, "posterior, from the formula"),
                                (axes[1], shares, f"samples of {samples.shape[2]} chains")):
        part.imshow(values.T, origin="lower", extent=(low[0], high[0], low[1], high[1]), aspect="auto",
                    cmap="Blues", vmin=0, vmax=expected.max())
        part.set(title=title, xlabel="theta1")
    axes[0].set_ylabel("theta2")
    step = max(1, len(kept) // 1000)
    axes[2].plot(kept[::step, 0, 0], kept[::step, 1, 0], ".", markersize=2, color="#0072B2", rasterized=True)
    axes[2].set(title="samples of one chain", xlabel="theta1", xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    return format_svg(figure, "sgld")
