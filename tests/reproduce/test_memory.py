"""Checks that freed memory is kept, so that the kernel need not provide its pages again."""

from __future__ import annotations

#: Allocates, writes and frees four blocks of 6 MiB, 50 times; prints how many pages the kernel provided.
FAULTS = """
import ctypes, resource, sys
from frameworks.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
size, before = 6 << 20, resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    blocks = [libc.malloc(size) for _ in range(4)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    for block in blocks:
        libc.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_pages_are_given_once(run):
    """With kept memory the kernel provides less than a fifth of the pages."""
    kept, returned = (int(run("-c", FAULTS, how).stdout) for how in ("keep", "as it is"))
    assert kept < returned / 5
