"""Writes the lines around a scheduler of a library that runs on torch."""

from __future__ import annotations

from parity.port.write.native.spelling import Spelling


def write_around(module: str, base_lr: float, constructor: str, stepped: str, note: str = "") -> Spelling:
    """Return the spelling of a scheduler and of the optimizer whose rate it multiplies.

    module: where its class is. base_lr: the optimizer's rate. constructor: the text. stepped: a comment: what to call
    after an update. note: its difference (default: "", none).
    """
    return Spelling(f"import torch\nfrom {module} import {constructor.split('(')[0]}\n\n"
                    f"optimizer = torch.optim.SGD(model.parameters(), lr={base_lr!r})\n"
                    f"scheduler = {constructor}  # {stepped}\n", note)
