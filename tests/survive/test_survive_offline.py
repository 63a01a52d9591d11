"""Tests that no framework attempts a connection if the data is there, or with --offline.

strace watches the process with its threads and children from outside, where it is installed and allowed. Otherwise
Python's audit hook watches, in a network namespace without interfaces. The test's id names the watch.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from frameworks import FRAMEWORKS
from reproduce.trainer import data

#: Calls that reach another machine. A socket alone does not; nor does urllib3's bind to ::1, a test for IPv6.
CALLS = re.compile(r"\b(connect|sendto|sendmsg|sendmmsg)\((.*)")
#: AF_UNIX stays on this machine: glibc reads the user from its name cache. AF_NETLINK is the kernel: the addresses of
#: this machine. A message on a connected socket has no address, but its connect was seen.
OWN = ("sa_family=AF_UNIX", "sa_family=AF_NETLINK", "msg_name=NULL", ", NULL, 0)")

HOOK = """
import os, sys
def record(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"):
        if event == "socket.connect" and isinstance(arguments[1], (str, bytes)):
            return  # AF_UNIX
        os.write(log, f"{event}{arguments[-1] if event == 'socket.connect' else arguments!r}\\n".encode())
log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT)
sys.addaudithook(record)
"""

#: The experiment as a script; and settings with which no data is installed, and the server does not run.
SCRIPT = """
import sys
from pathlib import Path
from reproduce.trainer import data
from reproduce.trainer.command import main
from reproduce.cosine import EXPERIMENT
{hide}
sys.exit(main(EXPERIMENT, sys.argv[1:]))
"""
HIDE = "data.DEBIAN, data.SOURCE = Path('/nowhere'), 'http://127.0.0.1:9/'"


def usable(*command: str) -> bool:
    return bool(shutil.which(command[0])) and not subprocess.run(
        [*command, "true"], capture_output=True, check=False).returncode


WATCHES = ["strace"] * usable("strace", "-f", "-qq", "-e", "trace=network") + ["audit"]
ALONE = ["unshare", "-rn"] if usable("unshare", "-rn") else []


@pytest.fixture
def run_watched(root, tmp_path):
    """Run an experiment and return its exit code, its stderr and its attempts to connect."""
    def run(watch: str, *arguments: str, hidden: bool = False) -> tuple[int, str, list[str]]:
        log, cache = tmp_path / "log", tmp_path / "cache"
        cache.mkdir(exist_ok=True)
        code = SCRIPT.format(hide=HIDE if hidden else "")
        command = [sys.executable, "-c", code] if watch == "strace" else [sys.executable, "-c", HOOK + code, str(log)]
        if watch == "strace" and not hidden:
            command = [sys.executable, str(root / "reproduce" / "cosine.py")]
        before = ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(log)] if watch == "strace" else ALONE
        environment = {**os.environ, "PYTHONPATH": str(root)} | ({"XDG_CACHE_HOME": str(cache)} if hidden else {})
        done = subprocess.run([*before, *command, "--dry-run", "--device", "cpu", *arguments], cwd=tmp_path,
                              capture_output=True, text=True, check=False, env=environment)
        lines = log.read_text(errors="replace").splitlines()
        return done.returncode, done.stderr, attempts(lines) if watch == "strace" else lines

    return run


def attempts(lines: list[str]) -> list[str]:
    """Return the calls of a trace that reach another machine."""
    found = [match for line in lines if (match := CALLS.search(line))]
    return [match[0] for match in found if not any(own in match[2] for own in OWN)]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("watch", WATCHES[:1])
def test_with_data_nobody_is_asked(watch, framework, run_watched):
    assert data.find_folder(), "Fashion-MNIST is not on this machine: run python reproduce/cosine.py once"
    code, said, found = run_watched(watch, "--framework", framework)
    assert (code, found) == (0, []), said


@pytest.mark.parametrize("watch", WATCHES)
def test_offline_with_data_it_trains(watch, run_watched):
    assert run_watched(watch, "--framework", "torch", "--offline")[::2] == (0, [])


@pytest.mark.parametrize("watch", WATCHES)
def test_offline_without_data_it_says_so_and_asks_nobody(watch, run_watched, tmp_path):
    code, said, found = run_watched(watch, "--framework", "torch", "--offline", hidden=True)
    assert (code, found) == (5, [])
    assert said.splitlines()[-1] == (
        f"Fashion-MNIST is neither in /nowhere nor in {tmp_path}/cache/learning-rate-schedules/fashion-mnist, and "
        "--offline downloads nothing; install Debian's or Ubuntu's package dataset-fashion-mnist, or get "
        "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (each "
        "unpacked, or with .gz) from https://github.com/zalandoresearch/fashion-mnist and give their folder with "
        "--data-dir")


@pytest.mark.parametrize("watch", WATCHES)
def test_without_data_somebody_is_asked_and_it_is_noticed(watch, run_watched):
    """As a counterpart, the data is requested from a closed port of this machine."""
    code, said, found = run_watched(watch, "--framework", "torch", hidden=True)
    assert code == 5
    assert any("127.0.0.1" in one for one in found), said


def test_what_counts_as_an_attempt_to_connect():
    assert attempts([
        '7 connect(4, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file)',
        '7 bind(4, {sa_family=AF_INET6, sin6_port=htons(0), inet_pton(AF_INET6, "::1", &sin6_addr)}, 28) = 0',
        "7 socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 4",
        "7 sendto(5, [{nlmsg_len=20}], 20, 0, {sa_family=AF_NETLINK, nl_pid=0}, 12) = 20"]) == []
    for reaches in ('connect(5, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.1")}, 16) = 0',
                    'connect(5, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
                    'sendto(5, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(53)}, 28) = 1'):
        assert attempts([f"[pid 7] {reaches}"]) == [reaches]


def test_there_is_a_watch():
    """Requires a watch from outside of the process, or a process without a network."""
    assert WATCHES[0] == "strace" or ALONE
