"""Tests that every place that writes a file replaces it whole: places are found in the syntax tree of each module."""

from __future__ import annotations

import ast
import subprocess

import pytest

#: Calls that write a file, whatever their arguments are.
WRITING = {"write_text", "write_bytes", "touch", "rename", "savetxt", "tofile", "to_csv", "NamedTemporaryFile",
           "mkstemp", "copyfile", "copy2", "copytree", "urlretrieve", "save_file", "SummaryWriter", "FileHandler"}
#: Calls that write a file, or an object in memory.
PERHAPS = {"savefig", "savez", "savez_compressed", "imsave"}
#: Methods that are of these modules only if their owner has its name.
OWNED = {("os", "replace"), ("shutil", "copy"), ("shutil", "move"), ("torch", "save"), ("np", "save"),
         ("model", "save"), ("network", "save")}
#: The only places, with the reason of each.
PLACES = {
    ("frameworks/whole_files.py", "os.replace"): "it replaces files whole",
    ("frameworks/whole_files.py", "temporary.open"): "the temporary file",
    ("frameworks/whole_files.py", "os.open"): "it locks a temporary file",
    ("frameworks/record_files.py", "self.path.open"): "a recording grows by rows; a line without its end is left out",
    ("frameworks/streams.py", "os.open"): "the null device",
    ("frameworks/mxnet/watched.py", "Path(f'{_make_folder().name}/states').write_bytes"): "a folder of this process",
    ("frameworks/tensorflow/group_probe.py", "self.network.save"): "a temporary folder",
    ("frameworks/torch/group_probe.py", "torch.save"): "a temporary folder",
    ("frameworks/torch/watched.py", "torch.save"): "an object in memory",
    ("parity/measuring/worker.py", "os.fdopen"): "a pipe",
    ("parity/port/command.py", "ported.write_text"): "not a file: it returns text",
    ("parity/port/ports.py", "measure_spellings(read, codes, None, measure=False).write_text"): "as above",
    ("parity/port/source/command.py", "port.write_text"): "as above",
    ("parity/vectors/release.py", "tarfile.open"): "an object in memory",
    ("reproduce/chapter.py", "path.rename"): "a whole file gets another name",
    ("reproduce/study/runner.py", "(out / 'log.txt').touch"): "the log of a run, in its folder",
    ("reproduce/study/runner.py", "(out / 'log.txt').open"): "the log of a run grows",
    ("reproduce/trainer/events.py", "SummaryWriter"): "TensorBoard's file grows by events",
}
#: Examples of users' code, which writes in their folders.
EXAMPLES = ("frameworks/recipes/", "parity/pages/guide/code/", "parity/examples/")


def find_writes(text):
    """Return the called function of each call that may write a file."""
    found = []
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call):
            function = call.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            owner = ast.unparse(function.value).rpartition(".")[2] if isinstance(function, ast.Attribute) else ""
            if (name in WRITING or (owner, name) in OWNED or (name in ("open", "fdopen") and _opens_to_write(call))
                    or (name in PERHAPS and not _is_memory(call))):
                found.append(ast.unparse(function))
    return found


def _opens_to_write(call):
    """Return whether a call of open has a mode or flags to write, or a mode that is computed."""
    modes = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg in ("mode", "flags"))]
    for mode in modes:
        if isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set(mode.value) <= set("rwaxbt+U"):
            if set(mode.value) & set("wax+"):
                return True
        elif any(flag in ast.unparse(mode) for flag in ("O_WRONLY", "O_RDWR", "mode")):
            return True
    return False


def _is_memory(call):
    """Return whether the first argument is named as an object in memory."""
    return bool(call.args) and ast.unparse(call.args[0]) in ("image", "content", "file")


def list_modules(root):
    names = subprocess.run(["git", "ls-files", "frameworks/*.py", "parity/*.py", "reproduce/*.py"], cwd=root,
                           capture_output=True, text=True, check=True).stdout.split()
    return [name for name in names if not name.startswith(EXAMPLES) and not (
        name.startswith("parity/gate/test_vectors"))]  # it damages copies of the vectors


def test_every_place_that_writes_a_file_is_known(root):
    """A new place must use frameworks.whole_files, or get a reason here; an old reason must go."""
    found = {(name, function) for name in list_modules(root) for function in find_writes((root / name).read_text())}
    assert found == set(PLACES)


@pytest.mark.parametrize("text", [
    "open(path, 'w')", "open(path, mode='a')", "path.open('x')", "path.open('r+b')", "gzip.open(path, 'wb')",
    "io.open(path, mode)", "os.open(path, os.O_WRONLY | os.O_CREAT)", "os.fdopen(handle, 'w')", "path.write_text('')",
    "Path('a').write_bytes(b'')", "path.touch()", "os.replace(a, b)", "a.rename(b)", "shutil.copy(a, b)",
    "figure.savefig(path)", "figure.savefig('a.svg', format='svg')", "np.savez(path)",
    "numpy.savez_compressed(path, a)", "torch.save(x, path)", "np.save(path, x)", "model.save(path)",
    "tempfile.NamedTemporaryFile()"])
def test_a_planted_place_is_found(text):
    assert len(find_writes(f"def write(path, mode):\n    {text}\n")) == 1


@pytest.mark.parametrize("text", [
    "open(path)", "path.open('rb')", "path.open(encoding='utf-8')", "os.open(folder, os.O_RDONLY)",
    "text.replace(a, b)", "figure.savefig(image, format='svg')", "np.savez(file, **arrays)",
    "replace_whole({path: b''})", "copy.copy(a)"])
def test_what_writes_no_file_is_not_found(text):
    """This is the counterpart."""
    assert find_writes(f"def read(path):\n    {text}\n") == []
