"""Defines fixtures of the tests on a Ray cluster, which need Ray and the frameworks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

ROOT = Path(__file__).resolve().parents[2]
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_worker_niceness"] = "0"  # instead of 15, with which the runs stand still on a busy machine  # noqa: SIM112 (Ray spells it so)


@pytest.fixture(scope="module")
def cluster():
    """Start a cluster of two nodes on this machine, with one processor each."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()


@pytest.fixture
def command(tmp_path):
    """Return the command that runs a plan in a folder, with further arguments."""
    def build(plan, *arguments, study=tmp_path):
        path = tmp_path / "plan.toml"
        path.write_text(plan)
        return [sys.executable, "-m", "reproduce.study", "run", str(path), "--study", str(study), "--out",
                str(study / "runs"), "--offline", *arguments]

    return build
