"""All libraries of the table, in its order."""

from __future__ import annotations

from parity.coverage import keras_rows, mxnet_rows, torch_rows
from parity.coverage.row import Library

LIBRARIES: tuple[Library, ...] = (torch_rows.LIBRARY, keras_rows.LIBRARY, mxnet_rows.LIBRARY)
