"""Tests which files of Fashion-MNIST are accepted; small files of the same form replace the real ones."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib

import numpy as np
import pytest

from reproduce.trainer import data

HINT = ("install Debian's or Ubuntu's package dataset-fashion-mnist, or get train-images-idx3-ubyte, "
        "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (each unpacked, or with .gz) from "
        "https://github.com/zalandoresearch/fashion-mnist and give their folder with --data-dir")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Write four small compressed IDX files into tmp_path, and register their hashes with the reader."""
    random = np.random.default_rng(0)
    small = []
    for file, shape in zip(data.FILES, [(20, 28, 28), (20,), (10, 28, 28), (10,)]):
        content = dataclasses.replace(file, shape=shape).header + random.integers(0, 10, shape, np.uint8).tobytes()
        small.append(dataclasses.replace(file, shape=shape, payload=hashlib.sha256(content).hexdigest()))
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(data, "FILES", tuple(small))
    return small


def test_the_header_is_that_of_the_idx_format():
    assert data.FILES[0].header == b"\0\0\x08\x03\0\0\xea\x60\0\0\0\x1c\0\0\0\x1c"
    assert data.FILES[0].size == 47040016
    assert data.FILES[3].size == 10008


@pytest.mark.parametrize("compressed", [True, False])
def test_good_files_are_read(files, tmp_path, compressed):
    if not compressed:
        for path in list(tmp_path.iterdir()):
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
    loaded = data.load(tmp_path)
    images, labels = loaded.training
    assert (images.shape, images.dtype, labels.shape, labels.dtype) == ((20, 28, 28), np.float32, (20,), np.int64)
    raw = data.read(files[0], tmp_path)
    assert np.array_equal(images, raw.astype(np.float32) / np.float32(255))


DAMAGE = {
    "empty": (lambda packed, content: b"", "expected 15696 bytes unpacked, found 0"),
    "cut": (lambda packed, content: packed[:-100], "cannot be read: Compressed file ended"),
    "no gzip": (lambda packed, content: b"<html>404</html>", "cannot be read: Not a gzipped file"),
    "flipped": (lambda packed, content: packed[:500] + bytes([packed[500] ^ 1]) + packed[501:], "cannot be read"),
    "doubled": (lambda packed, content: packed * 2, "expected 15696 bytes unpacked, found more than 15696"),
    "bomb": (lambda packed, content: gzip.compress(bytes(50 << 20)), "found more than 15696"),
    "short": (lambda packed, content: gzip.compress(content[:-1]), "expected 15696 bytes unpacked, found 15695"),
    "another pixel": (lambda packed, content: gzip.compress(content[:-1] + b"\xff"), "expected SHA-256"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_files_are_refused_and_kept(files, tmp_path, damage):
    change, message = DAMAGE[damage]
    path = tmp_path / f"{files[0].name}.gz"
    path.write_bytes(change(path.read_bytes(), gzip.decompress(path.read_bytes())))
    kept = path.read_bytes()
    with pytest.raises(data.DataError) as caught:
        data.load(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert path.read_bytes() == kept


def test_a_missing_file_is_named(files, tmp_path):
    (tmp_path / f"{files[1].name}.gz").unlink()
    (tmp_path / f"{files[3].name}.gz").unlink()
    with pytest.raises(data.DataError) as caught:
        data.load(tmp_path)
    assert str(caught.value) == f"{tmp_path}: has no train-labels-idx1-ubyte and no t10k-labels-idx1-ubyte; {HINT}"
    with pytest.raises(data.DataError) as caught:
        data.read(files[1], tmp_path)
    assert str(caught.value) == f"{tmp_path}: has no train-labels-idx1-ubyte; {HINT}"


@pytest.mark.parametrize(("name", "why"), [
    ("nowhere", "no such folder"), ("file", "must be a folder"), ("x" * 300, "file name too long"),
    ("empty", "has no train-images-idx3-ubyte and no train-labels-idx1-ubyte and no t10k-images-idx3-ubyte and no "
              "t10k-labels-idx1-ubyte")])
def test_a_folder_without_data_is_named(name, why, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(data.DataError) as caught:
        data.load(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {why}; {HINT}"


def test_the_usual_folders_are_tried_in_order(files, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(data, "find_cache", lambda: tmp_path)
    assert data.find_folder() == tmp_path
    monkeypatch.setattr(data, "DEBIAN", tmp_path)
    monkeypatch.setattr(data, "find_cache", lambda: tmp_path / "nowhere")
    assert data.find_folder() == tmp_path
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    assert data.find_folder() is None


def test_without_a_network_one_line_states_what_to_do(tmp_path, monkeypatch, capsys):
    """Uses a server that does not run: its port is closed."""
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(data, "find_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(data, "SOURCE", "http://127.0.0.1:9/")
    with pytest.raises(data.DataError) as caught:
        data.load()
    assert str(caught.value) == (
        f"Fashion-MNIST is neither in {tmp_path}/nowhere nor in {tmp_path}/cache, and cannot be downloaded from "
        f"http://127.0.0.1:9/: the connection failed; {HINT}")
    assert capsys.readouterr().err == (
        f"downloading Fashion-MNIST from http://127.0.0.1:9/ into {tmp_path}/cache\n")


def test_offline_nothing_is_downloaded(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(data, "find_cache", lambda: tmp_path / "cache")
    with pytest.raises(data.DataError) as caught:
        data.load(offline=True)
    assert str(caught.value) == (
        f"Fashion-MNIST is neither in {tmp_path}/nowhere nor in {tmp_path}/cache, and --offline downloads nothing; "
        f"{HINT}")
    assert capsys.readouterr().err == ""


def test_without_a_cache_the_message_names_the_variables(tmp_path, monkeypatch):
    """Without a home folder, "~" is not expanded, and nothing is written into the working directory."""
    import pooch

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(pooch, "os_cache", lambda project: data.Path("~/.cache", project))
    with pytest.raises(data.DataError) as caught:
        data.load()
    assert str(caught.value) == ("the cache must be an absolute path, got "
                                 "~/.cache/learning-rate-schedules/fashion-mnist: "
                                 f"set HOME or XDG_CACHE_HOME; {HINT}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("cache", "reason"), [
    ("/proc/cache", "no such file or directory"),  # no user can make a folder there
    ("/dev/null/cache", "not a directory")])
def test_a_cache_that_cannot_be_written_is_named(cache, reason, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(data, "find_cache", lambda: data.Path(cache))
    with pytest.raises(data.DataError) as caught:
        data.load()
    assert str(caught.value).startswith(
        f"Fashion-MNIST is neither in {tmp_path}/nowhere nor in {cache}, and cannot be downloaded from {data.SOURCE}: "
        f"the cache cannot be written: {reason}; install ")


@pytest.mark.parametrize(("error", "reason"), [
    (PermissionError("[Errno 13] Permission denied: 'x' | Pooch could not create data cache folder"),
     "the cache cannot be written: permission denied"),
    (OSError(28, "No space left on device"), "the cache cannot be written: no space left on device"),
    (OSError("HTTPConnectionPool(host='x', port=80): Max retries exceeded"), "the connection failed"),
    (ValueError("SHA256 hash of downloaded file (x) does not match the known hash: expected a but got b."),
     "what arrived has another SHA-256 than the official file")])
def test_a_failed_download_has_a_reason_in_a_few_words(error, reason):
    assert data._describe_failure(error) == reason


def test_a_download_is_verified_before_it_has_its_name(tmp_path, monkeypatch):
    """Uses a server on this machine that sends the wrong bytes."""
    import http.server
    import threading

    (tmp_path / "served").mkdir()
    for file in data.FILES:
        (tmp_path / "served" / f"{file.name}.gz").write_bytes(b"<html>moved</html>")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path / "served"))

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(data, "find_cache", lambda: tmp_path / "cache")
        monkeypatch.setattr(data, "SOURCE", f"http://127.0.0.1:{server.server_port}/")
        with pytest.raises(data.DataError, match="arrived has another SHA-256 than the official file; install"):
            data.download()
        (tmp_path / "served" / f"{data.FILES[0].name}.gz").unlink()
        with pytest.raises(data.DataError, match="the server answered with status 404; install"):
            data.download()
        server.shutdown()
    assert not list((tmp_path / "cache").glob("*ubyte*"))
