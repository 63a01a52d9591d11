"""Tests the check of plug-ins: a correct one, and one for each kind of misbehaviour."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace

import pytest

from frameworks.arguments import Parser
from parity.cases import CASES
from parity.conformance.check import run

THREE = ["constant", "polynomial", "scale"]

#: A plug-in that misbehaves at its handshake, or at the second question.
PLUGIN = """
import json, os, subprocess, sys, time
sys.path.insert(0, {root!r})

def send(**answer):
    print(json.dumps(answer), flush=True)

from frameworks.schedule import loads, lrs  # before the handshake: it takes a moment

sys.stdin.readline()
{hello}
for line in sys.stdin:
    question = json.loads(line)
    id, updates = question["id"], question["updates"]
    rates = lrs(loads(json.dumps(question["schedule"])), updates).astype("float32")
    if question["case"] == "polynomial":
        {answer}
    else:
        send(id=id, result=rates.tolist())
"""
HELLO = "send(protocol=1, name='fake', version='7')"
HONEST = "send(id=id, bits=['%08x' % bits for bits in rates.view('uint32').tolist()])"


@pytest.fixture
def run_check(tmp_path, root, capsys):
    """Check a plug-in and return the exit code and the lines printed."""

    def check(answer=HONEST, hello=HELLO, cases=THREE, timeout=30.0):
        script = tmp_path / "plugin.py"
        script.write_text(PLUGIN.format(root=str(root), hello=hello, answer=answer))
        command = shlex.join([sys.executable, str(script)])
        code = run(Namespace(plugin=command, python=None, case=cases, timeout=timeout), Parser(prog="check"))
        printed = capsys.readouterr()
        lines = (printed.out + printed.err).splitlines()
        return code, [line for line in lines if not line.startswith("  ")]  # tests/gate/test_failed.py tests those

    return check


GOOD = [f"{name}: good, {CASES[name].updates} updates" for name in THREE]


def test_an_honest_plugin_is_good(run_check):
    assert run_check() == (0, ["fake 7, protocol 1", *GOOD, "3 cases: 3 good, 0 skipped, 0 failed"])


MISBEHAVIOUR = {
    "wrong_number": ("send(id=id, result=rates[:-1].tolist())", "wrong number: 74 rates for 75 updates"),
    "nan": ("rates[3] = float('nan'); send(id=id, result=rates.tolist())", "not a rate: nan at update 3"),
    "negative": ("rates[74] = -0.5; send(id=id, result=rates.tolist())", "not a rate: -0.5 at update 74"),
    "too_large": ("send(id=id, result=[10**400] * updates)", f"not a rate: {10**39}... at update 0"),
    "inf": ("send(id=id, bits=['7f800000'] * updates)", "not a rate: inf at update 0"),
    "no_bits": ("send(id=id, bits=['3e9'] * updates)", "not bits: '3e9' at update 0"),
    "text_for_a_number": ("send(id=id, result=['abc'] * updates)", "not a number: 'abc' at update 0"),
    "text": ("print('hello', flush=True)", "not JSON: 'hello'"),
    "deep": ("print('[' * 100000, flush=True)", f"not JSON: '{'[' * 40}...'"),
    "no_object": ("print('[1]', flush=True)", "not an answer: '[1]'"),
    "empty": ("send(id=id)", "not an answer: one of result, bits, skipped, error, got none"),
    "bool_id": ("send(id=True, result=rates.tolist())", "answer to another question: id True, expected 2"),
    "float_id": ("send(id=2.0, result=rates.tolist())", "answer to another question: id 2.0, expected 2"),
    "twice": ("print(*[json.dumps(dict(id=id, result=[0.5]))] * 2, sep='\\n', flush=True)",
              "more than an answer: '{\"id\": 2, \"result\": [0.5]}'"),
    "five_thousand_digits": ("print('{\"id\": 2, \"result\": [' + '9' * 5000 + ']}', flush=True)",
                             "wrong number: 1 rates for 75 updates"),
    "beyond_integers": ("print('{\"id\": 2, \"result\": [' + ', '.join(['9' * 5000] * 75) + ']}', flush=True)",
                        "not a rate: inf at update 0"),
    "barely_negative": ("send(id=id, result=[-1e-50] * updates)", "not a rate: -1e-50 at update 0"),
    "another_id": ("send(id=9, result=rates.tolist())", "answer to another question: id 9, expected 2"),
    "error": ("send(id=id, error='no\\nscheduler')", "error: no scheduler"),
    "dies": ("sys.exit('out of\\n rates')", "died: exit code 1, last words: rates"),
    "killed": ("os.kill(os.getpid(), 9)", "died: signal 9, no last words"),
    "leaves_a_child": ("subprocess.Popen(['sleep', '60']); os._exit(3)", "died: exit code 3, no last words"),
    "endless": ("[os.write(1, b'1' * 65536) for _ in range(2000)]", "endless line: 64 MiB without an end"),
    "one_ulp": ("rates.view('uint32')[5] += 1; send(id=id, result=rates.tolist())",
                "difference: update 5: applied 0.3502778 (3eb3579d), specified 0.35027778 (3eb3579c, float64 "
                "0.3502777777777778), parameter 0"),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_misbehaviour_is_named_and_the_other_cases_continue(name, run_check):
    answer, sentence = MISBEHAVIOUR[name]
    kind = sentence.split(":")[0]
    assert run_check(answer) == (4, ["fake 7, protocol 1", GOOD[0], f"polynomial: FAILED: {sentence}", GOOD[2],
                                   f"3 cases: 2 good, 0 skipped, 1 failed (1 {kind})"])


def test_a_late_answer_is_not_treated_as_the_next_one(run_check):
    code, lines = run_check("time.sleep(9); send(id=id + 1, result=[0.5] * updates)", timeout=7)
    assert (code, lines[2:]) == (4, ["polynomial: FAILED: late: no answer within 7 s", GOOD[2],
                                     "3 cases: 2 good, 0 skipped, 1 failed (1 late)"])


def test_an_answer_repeated_later_is_blamed_on_no_case(run_check):
    assert run_check("send(id=id, result=rates.tolist()); time.sleep(0.3); send(id=id, result=[0.5])")[0] == 0


def test_much_on_stderr_blocks_no_process(run_check):
    code, lines = run_check("print('x' * 10**6, file=sys.stderr); print('\\x1b[1mbye', file=sys.stderr); sys.exit(2)")
    assert (code, lines[2]) == (4, "polynomial: FAILED: died: exit code 2, last words: \\x1b[1mbye")


def test_skipped_is_neither_good_nor_failed(run_check):
    code, lines = run_check("send(id=id, skipped='no powers')")
    assert (code, lines[2:]) == (0, ["polynomial: skipped: no powers", GOOD[2], "3 cases: 2 good, 1 skipped, 0 failed"])
    code, lines = run_check("send(id=id, skipped='no powers')", cases=["polynomial"])
    assert (code, lines[2:]) == (4, ["1 case: 0 good, 1 skipped, 0 failed", "no case is good"])


@pytest.mark.parametrize(("hello", "timeout", "message"), [
    ("time.sleep(60)", 0.3, "late: no answer within 0.3 s"),
    ("sys.exit('no jax')", 30, "died: exit code 1, last words: no jax"),
    ("print('Welcome', flush=True)", 30, "not JSON: 'Welcome'"),
    ("send(name='fake')", 30, "not an answer: '{\"name\": \"fake\"}'"),
], ids=["hangs", "dies", "text", "no_protocol"])
def test_after_three_handshakes_nothing_is_requested(hello, timeout, message, run_check):
    code, lines = run_check(hello=hello, timeout=timeout)
    assert (code, lines) == (4, [
        f"no handshake: {message}", f"constant: FAILED: no handshake: {message}",
        f"polynomial: FAILED: no handshake: {message}",
        "scale: FAILED: not sent: 3 handshakes in a row failed",
        "3 cases: 0 good, 0 skipped, 3 failed (2 no handshake, 1 not sent)", "no case is good"])


@pytest.mark.parametrize("protocol", [2, True, "1"])
def test_another_protocol_is_refused(protocol, run_check):
    code, (line,) = run_check(hello=f"send(protocol={protocol!r}, name='fake', version='8')")
    assert code == 4
    assert line.endswith(f"plugin.py: refused: the plug-in speaks protocol {protocol!r}, this project 1")


@pytest.mark.parametrize(("hello", "message"), [
    ("os.path.exists(sys.argv[0] + '.flag') and sys.exit('no more'); open(sys.argv[0] + '.flag', 'w')",
     "died: exit code 1, last words: no more"),
    ("again = os.path.exists(sys.argv[0] + '.flag'); open(sys.argv[0] + '.flag', 'w'); "
     "again and send(protocol=2) or 1; again and sys.exit()", "the plug-in speaks protocol 2, this project 1"),
], ids=["dies", "protocol"])
def test_a_restart_that_fails_does_not_end_the_rest(hello, message, run_check):
    code, lines = run_check("os._exit(1)", hello=f"{hello}\n{HELLO}", cases=[*THREE, "clamp"])
    failures = ["FAILED: died: exit code 1, no last words", f"FAILED: no handshake: {message}",
                f"FAILED: no handshake: {message}"]
    assert code == 4
    assert [line.split(": ", 1)[1] for line in lines[2:5]] == failures
    assert lines[5].startswith("4 cases: 1 good")


def test_a_program_that_vanishes_does_not_end_the_rest(tmp_path, root, capsys):
    script = tmp_path / "plugin"
    code = PLUGIN.format(root=str(root), hello=HELLO, answer="os.unlink(sys.argv[0]); os._exit(1)")
    script.write_text(f"#!{sys.executable}\n{code}")
    script.chmod(0o755)
    assert run(Namespace(plugin=str(script), python=None, case=THREE, timeout=30), Parser(prog="check")) == 4
    assert capsys.readouterr().out.splitlines()[2:] == [
        "polynomial: FAILED: died: exit code 1, no last words",
        f"scale: FAILED: no handshake: cannot start {script}: no such file or directory",
        "3 cases: 1 good, 0 skipped, 2 failed (1 died, 1 no handshake)"]
