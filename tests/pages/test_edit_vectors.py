"""Checks the specification in JavaScript with every vector, and as a plug-in, in node (Debian's nodejs): tox -e page"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from argparse import Namespace

import hypothesis
import numpy as np
import pytest

from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED, USAGE
from frameworks.schedule import loads
from parity.cases import CASES
from parity.conformance.check import run
from parity.conformance.client import Plugin
from parity.gate.laws.algebra import schedules
from parity.measuring.compare import compare

#: Mistakes in the JavaScript: the file, a text in it, the text in its place, and a vector that shows it.
PLANTED = [
    ("schedule.js", "if (numbers[middle] <= t)", "if (numbers[middle] < t)", "multi_factor"),
    ("schedule.js", "Math.min(t, s.updates) / s.updates)) / 2", "t / s.updates)) / 2", "cosine"),
    ("schedule.js", "const reached = increases ?", "const reached = !increases ?", "exponential_upwards"),
    ("schedule.js", "restarts ? t - s.updates : t", "restarts ? t : t - s.updates", "warmup_cosine"),
    ("schedule.js", "of.lr(quotient(t, s.updates))", "of.lr(t % s.updates)", "cosine_per_epoch"),
    ("composed.js", "const down = s.down ?? s.up", "const down = s.up", "cyclic"),
    ("schedule.js", "(Math.PI * Math.min(t", "(3.14159265 * Math.min(t", "cosine_to_zero"),
]


@pytest.fixture(scope="module")
def node():
    """Return a function that runs node."""
    if shutil.which("node") is None:
        pytest.fail("node not found: apt-get install nodejs", pytrace=False)

    def start(*arguments):
        return subprocess.run(["node", *map(str, arguments)], capture_output=True, text=True, check=False)

    return start


@pytest.fixture
def copy(root, tmp_path):
    """Return a copy of the JavaScript, in which tests plant mistakes."""
    shutil.copytree(root / "parity/pages/edit", folder := tmp_path / "edit")
    return folder


def vectors(root):
    return sorted((root / "parity/vectors").glob("*.json"))


def test_every_vector_is_equal_in_its_bits(node, root):
    done = node(root / "parity/pages/edit/vectors.mjs")
    rates = sum(len(vector["bits"]) + len(vector["far"]["bits"])
                for path in vectors(root) for vector in json.loads(path.read_text())["vectors"])
    assert (done.returncode, done.stderr) == (0, "")
    head, _, tail = done.stdout.rpartition(": ")
    assert head == f"{len(CASES)} vectors, {rates} rates"
    assert tail.endswith(" 0 below the smallest normal float32, 0 differ\n")


@pytest.mark.parametrize(("file", "text", "planted", "name"), PLANTED)
def test_a_planted_mistake_is_caught(file, text, planted, name, copy, node, root):
    content = (copy / file).read_text()
    assert content.count(text) == 1
    (copy / file).write_text(content.replace(text, planted))
    done = node(copy / "vectors.mjs", *vectors(root))
    assert done.returncode == FAILED
    assert any(line.split()[2] == f"{name}:" for line in done.stdout.splitlines()[:-1]), done.stdout
    assert not done.stdout.endswith(" 0 differ\n")


def test_one_changed_bit_of_a_vector_is_caught(node, root, tmp_path):
    document = json.loads((root / "parity/vectors/chapter.json").read_text())
    vector = next(vector for vector in document["vectors"] if vector["name"] == "cosine")
    vector["bits"][7] = f"{int(vector['bits'][7], 16) + 1:08x}"
    vector["lr"][7] *= 1 + 1e-7
    (path := tmp_path / "changed.json").write_text(json.dumps(document))
    done = node(root / "parity/pages/edit/vectors.mjs", path)
    assert done.returncode == FAILED
    assert f"changed.json {vector['id']} cosine: t = 7: " in done.stdout


@pytest.mark.parametrize(("content", "message"), [
    ("{", "Expected property name"), ('{"format": 2}', "format 2, expected 1"), (None, "ENOENT")])
def test_a_file_that_is_no_vectors_is_refused(content, message, node, root, tmp_path):
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    done = node(root / "parity/pages/edit/vectors.mjs", path)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith(f"{path}: {message}")
    assert len(done.stderr.splitlines()) == 1


def test_no_vectors_are_no_success(node, root, tmp_path):
    (path := tmp_path / "none.json").write_text('{"format": 1, "vectors": []}')
    assert node(root / "parity/pages/edit/vectors.mjs", path).returncode == FAILED


def test_the_plug_in_is_good_in_every_case(node, root, capsys):
    command = shlex.join(["node", str(root / "parity/pages/edit/plugin.mjs")])
    assert run(Namespace(plugin=command, python=None, case=None, timeout=30.0), Parser(prog="check")) == 0
    output = capsys.readouterr().out
    assert output.endswith(f"{len(CASES)} cases: {len(CASES)} good, 0 skipped, 0 failed\n")
    assert "within the tolerance" not in output


def test_the_plug_in_skips_a_kind_without_a_function(copy, node, capsys):
    path = copy / "schedule.js"
    path.write_text(path.read_text().replace("  cosine(s) {", "  cosines(s) {"))
    command = shlex.join(["node", str(copy / "plugin.mjs")])
    chosen = Namespace(plugin=command, python=None, case=["cosine", "warmup_cosine", "constant"], timeout=30.0)
    assert run(chosen, Parser(prog="check")) == 0
    output = capsys.readouterr().out
    for name in ("cosine", "warmup_cosine"):
        assert f"\n{name}: skipped: cosine is not implemented" in output
    assert "constant: good" in output


def test_random_schedules_are_within_the_contract(node, root):
    """Tests nested schedules of every kind; few rates need the tolerance."""
    compared, edges = [], []
    with Plugin(["node", str(root / "parity/pages/edit/plugin.mjs")], 30.0) as plugin:
        @hypothesis.seed(20)
        @hypothesis.settings(max_examples=300, deadline=None, database=None,
                             suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(schedules)
        def ask(schedule):
            comparison = compare(schedule, plugin.ask("random", schedule, 120))
            assert comparison.first is None, f"{schedule!r}: {comparison.first}"
            compared.append(comparison.updates)
            edges.append(comparison.edges)

        ask()
    assert sum(compared) >= 300 * 120
    assert np.count_nonzero(edges) <= 3


@pytest.mark.parametrize("t", [2**53 - 2, 2**53 - 7, 7 * 2**49, 7 * 2**49 + 3])
def test_a_cycle_is_exact_near_the_largest_count(t, node, root):
    """Its end is above 2^53 there."""
    fields = {"kind": "polynomial_cycle", "base_lr": 0.1, "final_lr": 0.0, "power": 0.5, "updates": 7}
    script = (f"import {{build}} from {json.dumps(str(root / 'parity/pages/edit/node.mjs'))};"
              f"console.log(build({json.dumps(fields)}).lr({t}))")
    done = node("--input-type=module", "-e", script)
    assert np.float32(done.stdout) == np.float32(loads(json.dumps(fields)).lr(t))


def test_many_delays_in_delays_are_built_in_a_moment(node, root):
    """Tests that each schedule is built once: 2^60 are inside 60 delays, each of which needs its inner one twice."""
    schedule = {"kind": "constant", "base_lr": 0.5}
    for _ in range(60):
        schedule = {"kind": "delay", "by": 1, "of": schedule}
    with Plugin(["node", str(root / "parity/pages/edit/plugin.mjs")], 10.0) as plugin:
        assert plugin.ask("delays", loads(json.dumps(schedule)), 3).tolist() == [[0.5]] * 3
