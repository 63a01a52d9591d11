"""Restore `numpy.bool` for MXNet, if it is absent; touch nothing else.

mxnet 1.9.1 reads `numpy.bool` while it is imported; NumPy 1.24 removed that old name of Python's bool. NumPy 2 uses the
name for another type, but does not run mxnet. Obsolete with the last MXNet 1.x user.
"""

import numpy

if "bool" not in vars(numpy):  # hasattr would make NumPy warn
    numpy.__dict__["bool"] = bool
