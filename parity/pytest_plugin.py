"""Gives tests a fixture that records the rates of trainings: pytest -p parity.pytest_plugin.

    def test_training_applies_the_schedule(record_rates):
        rates = record_rates(optimizer)
        train(net, optimizer, scheduler)
        assert_applied(rates, schedule)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.record import Rates


@pytest.fixture
def record_rates() -> Iterator[Callable[..., Rates]]:
    """Return `record` of the framework whose optimizer, Trainer or model it gets; all recordings end with the test."""
    with ExitStack() as recordings:
        yield lambda recorded, *arguments, **options: recordings.enter_context(
            backend(find_framework(recorded)).record(recorded, *arguments, **options))


def find_framework(recorded: Any) -> str:
    """Return the framework of an optimizer, Trainer or model, by the module of its class or of a class inside.

    Raises TypeError.
    """
    for kind in type(recorded).__mro__:
        root = kind.__module__.partition(".")[0]
        if root in ("keras", *FRAMEWORKS):
            return "tensorflow" if root == "keras" else root
    inner = getattr(recorded, "optimizer", None)  # of a wrapper, such as accelerate's
    if inner is not None:
        return find_framework(inner)
    raise TypeError(f"recorded must be an optimizer, Trainer or model, got {type(recorded).__name__}")
