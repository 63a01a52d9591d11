"""Fashion-MNIST's files: what is accepted and what is not. Small files of the same form stand in for the real ones."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib

import numpy as np
import pytest

from reproduce import data


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Four small IDX files in tmp_path, compressed, and known to the reader by their hashes."""
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
    with pytest.raises(data.DataError, match=r"has no train-labels-idx1-ubyte and no train-labels-idx1-ubyte\.gz"):
        data.load(tmp_path)


def test_the_usual_folders_are_tried_in_order(files, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(data, "cache", lambda: tmp_path)
    assert data.found() == tmp_path
    monkeypatch.setattr(data, "DEBIAN", tmp_path)
    monkeypatch.setattr(data, "cache", lambda: tmp_path / "nowhere")
    assert data.found() == tmp_path
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    assert data.found() is None


def test_without_a_network_one_line_says_what_to_do(tmp_path, monkeypatch):
    """A server that nobody runs: the port is closed."""
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(data, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(data, "SOURCE", "http://127.0.0.1:9/")
    with pytest.raises(data.DataError) as caught:
        data.load()
    assert "cannot be downloaded from http://127.0.0.1:9/" in str(caught.value)
    assert str(caught.value).endswith("say where its four files are: --data-dir")
    assert "\n" not in str(caught.value)


def test_a_download_is_verified_before_it_has_its_name(tmp_path, monkeypatch):
    """A server on this machine that gives the wrong bytes."""
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
        monkeypatch.setattr(data, "cache", lambda: tmp_path / "cache")
        monkeypatch.setattr(data, "SOURCE", f"http://127.0.0.1:{server.server_port}/")
        with pytest.raises(data.DataError, match="cannot be downloaded"):
            data.downloaded()
        server.shutdown()
    assert not list((tmp_path / "cache").glob("*ubyte*"))
