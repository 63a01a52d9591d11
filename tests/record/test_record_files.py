"""Tests the files of a recording, which grow while a training runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from frameworks.record import ROWS, Rates
from frameworks.record_rows import RecordError, iterate_rows


def add(rates, first, last):
    for t in range(first, last):
        rates.add([0.5 / (t + 1)])


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_file_has_the_rows_that_memory_has(tmp_path, suffix):
    kept, written = Rates(), Rates(tmp_path / f"rates{suffix}")
    for rates in (kept, written):
        add(rates, 0, 1000)
        rates.report(0.25)
    for name, values in kept.read_columns().items():
        assert np.array_equal(values, written.read_columns()[name], equal_nan=True)
    assert written.read_columns()["reported"][-1] == 0.25
    assert len(list(iterate_rows(tmp_path / f"rates{suffix}"))) == 1000


def test_rows_are_written_while_the_training_runs(tmp_path):
    rates = Rates(tmp_path / "rates.csv")
    add(rates, 0, ROWS)
    assert not (tmp_path / "rates.csv").read_text()
    add(rates, ROWS, ROWS + 1)
    assert len((tmp_path / "rates.csv").read_text().splitlines()) == ROWS + 1  # a header, and all but the last
    add(rates, ROWS + 1, ROWS + 2)
    rates._flushed_at -= 2
    add(rates, ROWS + 2, ROWS + 3)
    assert len((tmp_path / "rates.csv").read_text().splitlines()) == ROWS + 3


def test_a_killed_training_keeps_its_rows(tmp_path):
    code = ("import os, signal, sys; from frameworks.record import Rates; rates = Rates(sys.argv[1])\n"
            "for t in range(1000): rates.add([0.5])\n"
            "os.kill(os.getpid(), signal.SIGKILL)")
    subprocess.run([sys.executable, "-c", code, tmp_path / "rates.csv"], check=False)
    rows = list(iterate_rows(tmp_path / "rates.csv"))
    assert 1000 - ROWS <= len(rows) < 1000
    assert [row["t"] for row in rows] == list(range(len(rows)))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_file_is_continued_at_a_checkpoint(tmp_path, suffix):
    path = tmp_path / f"rates{suffix}"
    rates = Rates(path)
    add(rates, 0, 30)
    rates._flush()
    with path.open("a") as file:
        file.write('{"t": 30, "l' if suffix == ".jsonl" else "30,0.0")  # killed while it wrote
    with pytest.raises(RecordError, match="another recording writes to it"):
        Rates(path, 20)
    rates._file.close()
    with pytest.raises(RecordError, match="exists; delete it, or continue it with start"):
        Rates(path)
    again = Rates(path, 20)
    add(again, 20, 25)
    assert again.read_columns()["t"].tolist() == list(range(25))
    assert again.read_rates().tolist() == [0.5 / (t + 1) for t in range(25)]


@pytest.mark.parametrize(("start", "rule"), [
    (0, "another recording writes to it"), (40, "another recording writes to it")])
def test_a_file_that_does_not_fit_is_left_as_it_is(tmp_path, start, rule):
    rates = Rates(tmp_path / "rates.csv")
    add(rates, 0, 30)
    rates._flush()
    before = (tmp_path / "rates.csv").read_bytes()
    with pytest.raises(RecordError, match=rule):
        Rates(tmp_path / "rates.csv", start)
    assert (tmp_path / "rates.csv").read_bytes() == before


@pytest.mark.parametrize(("name", "start", "rule"), [
    ("rates.txt", 0, "the name must end in .csv or .jsonl"), ("rates.npz", 0, "the name must end in .csv or .jsonl"),
    ("none/rates.csv", 0, "no such file or directory"), ("rates.csv", 3, "no such file or directory"),
    ("rates.csv", -1, "start must be a whole number of updates, at least 0, got -1"),
    ("rates.csv", 1.5, "start must be a whole number of updates, at least 0, got 1.5"), ("", 0, "must end in")])
def test_a_file_that_cannot_be_used_is_refused(tmp_path, name, start, rule):
    with pytest.raises(RecordError, match=rule):
        Rates(tmp_path / name, start)


def test_a_line_that_is_no_row_is_named(tmp_path):
    (tmp_path / "rates.csv").write_text("t,lr\n0,0.5\nnonsense\n2,0.5\n")
    with pytest.raises(RecordError, match="line 3: not a row of a recording"):
        Rates(tmp_path / "rates.csv", 1)


def test_rows_that_a_killed_training_lost_are_named(tmp_path):
    rates = Rates(tmp_path / "rates.csv")
    add(rates, 0, 30)
    rates.flush()  # at a checkpoint of 30 updates
    rates._file.close()
    with pytest.warns(RuntimeWarning, match="has no rows of updates 30 to 39"):
        again = Rates(tmp_path / "rates.csv", 40)
    add(again, 40, 42)
    assert again.read_columns()["t"].tolist() == [*range(30), 40, 41]


def test_an_added_group_gets_a_column(tmp_path):
    for rates in (Rates(), Rates(tmp_path / "rates.csv")):
        add(rates, 0, 300)
        rates.add([0.1, 0.2])
        assert rates.read_rates(1)[-1] == 0.2
        assert np.isnan(rates.read_rates(1)[:-1]).all()
        with pytest.raises(RecordError, match="group must be below 2, the number of recorded groups, got 2"):
            rates.read_rates(2)


def test_a_full_disk_does_not_stop_the_training(tmp_path):
    code = ("import resource, signal, sys, warnings; from frameworks.record import Rates\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "rates = Rates(sys.argv[1])\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
            "with warnings.catch_warnings(record=True) as caught:\n"
            "    warnings.simplefilter('always')\n"
            "    for t in range(5000): rates.add([t / 8])\n"
            "assert rates.read_rates().tolist() == [t / 8 for t in range(5000)]\n"
            "print(*(warning.message for warning in caught))")
    command = [sys.executable, "-c", code, tmp_path / "rates.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count("file too large") == 1
    assert "are kept in memory: save them to another file" in done.stdout
    rows = list(iterate_rows(tmp_path / "rates.csv"))
    assert [row["lr"] for row in rows] == [t / 8 for t in range(len(rows))]
    assert len(rows) > 500


def test_a_file_that_somebody_closed_is_left_with_one_warning(tmp_path):
    rates = Rates(tmp_path / "rates.csv")
    add(rates, 0, 300)
    os.close(rates._file._file.fileno())
    with pytest.warns(RuntimeWarning, match="bad file descriptor: further rows, from update 256 on") as caught:
        add(rates, 300, 1000)
    assert len(caught) == 1
    assert rates.read_rates().tolist() == [0.5 / (t + 1) for t in range(1000)]
    assert len(list(iterate_rows(tmp_path / "rates.csv"))) == 256


def test_a_file_takes_constant_memory(tmp_path):
    peaks = []
    for updates in (2_000, 20_000):
        rates = Rates(tmp_path / f"{updates}.csv")
        tracemalloc.start()
        for _ in range(updates):
            rates.add((0.5,))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] < 500_000
    rates = Rates()
    tracemalloc.start()
    for _ in range(20_000):
        rates.add((0.5,))
    assert tracemalloc.get_traced_memory()[1] > peaks[0]  # in memory it is not
    tracemalloc.stop()


def test_a_million_updates_take_the_memory_of_a_hundred_thousand(tmp_path):
    code = ("import sys; from frameworks.record import Rates; rates, peaks = Rates(*sys.argv[1:]), []\n"
            "for updates in (100_000, 900_000):\n"
            "    for _ in range(updates): rates.add([0.5])\n"
            "    peaks += [int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
            "print((peaks[1] - peaks[0]) / 1024)")
    written, kept = (float(subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True,
                                          text=True).stdout) for arguments in ([tmp_path / "rates.csv"], []))
    assert written < 2 < 10 < kept  # MiB


def test_saved_files_have_all_rows(tmp_path):
    rates = Rates()
    add(rates, 0, 600)
    for suffix in (".csv", ".jsonl", ".npz"):
        rates.save(tmp_path / f"rates{suffix}")
    with np.load(tmp_path / "rates.npz") as file:
        assert np.array_equal(file["lr"], rates.read_rates())
    lines = (tmp_path / "rates.jsonl").read_text().splitlines()
    assert json.loads(lines[3]) == {"t": 3, "lr": 0.125}
    assert (tmp_path / "rates.csv").read_text().splitlines()[:3] == ["t,lr", "0,0.5", "1,0.25"]
    with pytest.raises(RecordError, match=r"must end in .csv, .jsonl or .npz"):
        rates.save(tmp_path / "rates.txt")
    with pytest.raises(RecordError, match="no such file or directory"):
        rates.save(tmp_path / "none" / "rates.csv")
    growing = Rates(tmp_path / "growing.csv")
    with pytest.raises(RecordError, match="the recording writes to it"):
        growing.save(tmp_path / "growing.csv")
