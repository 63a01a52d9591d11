"""Payloads that create a file if a reader executes them: pickles, YAML tags, templates, Python."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np

#: The file that an executed payload creates.
MARK = Path("/tmp/fuzz-payload-was-run")


class _Marks:
    """An object whose pickle creates the file when it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        return exec, (f"open({str(MARK)!r}, 'w').close()",)


def _build_numpy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([_Marks()], dtype=object), allow_pickle=True)
    return stream.getvalue()


def _build_archive() -> bytes:
    """Return an archive in the layout of torch.save."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(_Marks(), 2))
    return stream.getvalue()


PICKLES = tuple(pickle.dumps(_Marks(), protocol) for protocol in (0, 2, 4, 5))
TEXTS = (
    f"!!python/object/apply:os.system ['touch {MARK}']",
    f"!!python/object/new:exec [\"open('{MARK}', 'w')\"]",
    f"__import__('os').system('touch {MARK}')",
    f"exec(\"open('{MARK}', 'w').close()\")",
    f"(lambda: open('{MARK}', 'w').close())()",
    "{{''.__class__.__mro__[1].__subclasses__()}}", "%s%n%n", "${jndi:ldap://127.0.0.1/x}",
    f"$(touch {MARK})", f"`touch {MARK}`", f"; touch {MARK};", "</script><script>alert(1)</script>",
    "../../../../etc/passwd", "/dev/zero", "file:///etc/passwd", "__proto__", "__class__", "__reduce__",
)
BLOBS = (*PICKLES, _build_numpy(), _build_archive(), *(text.encode() for text in TEXTS))
