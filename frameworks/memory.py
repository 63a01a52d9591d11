"""Memory that training frees and takes again at every update."""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD in glibc's malloc.h
_LARGEST = 32 << 20  # the largest M_MMAP_THRESHOLD that glibc accepts


def keep_freed_memory() -> bool:
    """Let malloc keep freed memory instead of returning it to the kernel; True where it can be set (glibc).

    Every update frees and takes some twenty blocks of several MB. By default each comes back from the kernel as new
    pages, zeroed one by one at first touch: half the time of an update in torch. Call it before a framework is
    imported, since torch looks at its own setting (large pages for large blocks) once.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST) and mallopt(_TRIM_THRESHOLD, 1 << 30))
