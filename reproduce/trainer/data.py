"""Finds or downloads Fashion-MNIST (Zalando Research, MIT licence), and verifies it before use."""

from __future__ import annotations

import gzip
import hashlib
import sys
import zlib
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

import numpy as np

from frameworks.whole_files import describe_error

#: Where Debian's and Ubuntu's package dataset-fashion-mnist puts the files.
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
SOURCE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
#: The project that publishes the data.
OFFICIAL = "https://github.com/zalandoresearch/fashion-mnist"


@dataclass(frozen=True)
class File:
    """An IDX file: its payload's shape and SHA-256, and the SHA-256 of the official compressed file."""

    name: str
    shape: tuple[int, ...]
    payload: str
    compressed: str

    @property
    def header(self) -> bytes:
        """Two zero bytes, the type (unsigned byte), the number of dimensions, each dimension."""
        return bytes([0, 0, 8, len(self.shape)]) + np.array(self.shape, ">u4").tobytes()

    @property
    def size(self) -> int:
        """The bytes of the unpacked file."""
        return len(self.header) + int(np.prod(self.shape))


FILES = (
    File("train-images-idx3-ubyte", (60000, 28, 28),
         "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
         "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    File("train-labels-idx1-ubyte", (60000,),
         "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
         "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    File("t10k-images-idx3-ubyte", (10000, 28, 28),
         "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
         "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    File("t10k-labels-idx1-ubyte", (10000,),
         "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
         "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
)


class DataError(RuntimeError):
    """Missing or damaged data; the message names the file and what was expected."""


@dataclass(frozen=True)
class Data:
    """Images float32 of shape (n, 28, 28), each pixel a byte / 255; labels int64 of shape (n,), 0 to 9."""

    training: tuple[np.ndarray, np.ndarray]
    testing: tuple[np.ndarray, np.ndarray]


def load(folder: Path | None = None, *, offline: bool = False) -> Data:
    """Read Fashion-MNIST from a folder, by default from where it is installed or cached; else download it.

    folder: of the four files (default: the usual folders). offline: never download. Raises DataError.
    """
    where = folder or find_folder()
    if where is None and offline:
        raise _build_missing_error("--offline downloads nothing")
    where = where or download()
    _check_folder(where)
    images, labels, test_images, test_labels = (read(file, where) for file in FILES)
    return Data((_scale_pixels(images), labels.astype(np.int64)),
                (_scale_pixels(test_images), test_labels.astype(np.int64)))


def find_folder() -> Path | None:
    """Return the first of the usual folders that has all four files."""
    if is_installed():
        return DEBIAN
    return None if _list_missing(find_cache()) else find_cache()


def is_installed() -> bool:
    """Return whether Debian's package is installed."""
    return not _list_missing(DEBIAN)


def find_cache() -> Path:
    """Return the folder of downloads. Raises DataError if its path is not absolute."""
    import pooch

    folder = Path(pooch.os_cache("learning-rate-schedules")) / "fashion-mnist"
    if not folder.is_absolute():
        raise DataError(f"the cache must be an absolute path, got {folder}: set HOME or XDG_CACHE_HOME; "
                        f"{_build_hint()}")
    return folder


def download() -> Path:
    """Download the official files into the cache; a file gets its name only when its hash is right."""
    import pooch

    pooch.get_logger().setLevel("WARNING")
    folder = find_cache()
    print(f"downloading Fashion-MNIST from {SOURCE} into {folder}", file=sys.stderr, flush=True)
    try:
        for file in FILES:
            pooch.retrieve(SOURCE + file.name + ".gz", f"sha256:{file.compressed}", f"{file.name}.gz", folder)
    except (OSError, ValueError) as error:
        raise _build_missing_error(f"cannot be downloaded from {SOURCE}: {_describe_failure(error)}") from None
    return folder


def _describe_failure(error: OSError | ValueError) -> str:
    """Return in a few words why a download failed; the messages of libraries fill a screen."""
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "what arrived has another SHA-256 than the official file"
    if error.errno or isinstance(error, PermissionError):  # an error of a file; errors of a connection have no number
        return f"the cache cannot be written: {(error.strerror or 'permission denied').lower()}"
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"the server answered with status {status}" if status else "the connection failed"


def _build_missing_error(why: str) -> DataError:
    return DataError(f"Fashion-MNIST is neither in {DEBIAN} nor in {find_cache()}, and {why}; {_build_hint()}")


def _build_hint() -> str:
    """Return how to get the data, as the end of a sentence."""
    names = ", ".join(file.name for file in FILES)
    return (f"install Debian's or Ubuntu's package dataset-fashion-mnist, or get {names} (each unpacked, or with .gz) "
            f"from {OFFICIAL} and give their folder with --data-dir")


def _check_folder(folder: Path) -> None:
    """Check that a folder has all four files. Raises DataError."""
    if absent := _list_missing(folder):
        why = f"has no {' and no '.join(absent)}" if folder.is_dir() else (
            "must be a folder" if folder.exists() else "no such folder")
        raise DataError(f"{folder}: {why}; {_build_hint()}")


def _list_missing(folder: Path) -> list[str]:
    """Return the names of the files that a folder lacks. Raises DataError if it cannot be read."""
    return [file.name for file in FILES if _find_path(file, folder) is None]


def read(file: File, folder: Path) -> np.ndarray:
    """Read one file, compressed or not, check it, and return it as uint8 of the file's shape.

    Unpacks at most one byte more than expected, into memory allocated once. Raises DataError.
    """
    path = _find_path(file, folder)
    if path is None:
        raise DataError(f"{folder}: has no {file.name}; {_build_hint()}")
    payload = bytearray(file.size + 1)
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as stream:
            size = _fill(payload, stream)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: expected {file.size} bytes unpacked, found a file that cannot be read: {error}") from None
    if size != file.size:
        more = "more than " if size > file.size else ""
        raise DataError(f"{path}: expected {file.size} bytes unpacked, found {more}{min(size, file.size)}")
    checked = memoryview(payload)[:size]
    digest = hashlib.sha256(checked).hexdigest()
    if digest != file.payload:
        raise DataError(f"{path}: expected SHA-256 {file.payload} unpacked, found {digest}")
    return np.frombuffer(checked, np.uint8, offset=len(file.header)).reshape(file.shape)


def _fill(payload: bytearray, stream: BufferedIOBase) -> int:
    """Read until the stream ends or the payload is full, and return the number of bytes."""
    size, view = 0, memoryview(payload)
    while size < len(payload) and (count := stream.readinto(view[size:size + (1 << 20)])):
        size += count
    return size


def _find_path(file: File, folder: Path) -> Path | None:
    try:
        return next((path for path in (folder / file.name, folder / f"{file.name}.gz") if path.is_file()), None)
    except OSError as error:
        raise DataError(f"{folder}: {describe_error(error)}; {_build_hint()}") from None


def _scale_pixels(images: np.ndarray) -> np.ndarray:
    return (np.arange(256, dtype=np.float32) / np.float32(255))[images]
