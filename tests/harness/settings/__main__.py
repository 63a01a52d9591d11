"""Compares `port` with the rates that other libraries make of random settings, or records some of these rates.

    python -m tests.harness.settings mmengine --number 5000 --seed 0
    python -m tests.harness.settings mmengine --record

The library must be installed: transformers 5 with accelerate; timm, with TIMM_TRAIN the path of train.py of its
repository; pytorch_lightning; mmengine; fvcore, with detectron2's repository on PYTHONPATH; ai2-olmo-core; mlx.
--record writes the rates that tests/port/test_port_settings.py reads. Exit code 4 if a rate differs.
"""

from __future__ import annotations

import importlib.metadata
import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

from frameworks.arguments import Parser, build_choice_type, parse_count, parse_seed
from frameworks.exit_codes import FAILED
from frameworks.schedule import lrs
from parity.port import PortError, read_text
from tests.harness.dialect_rates import compute_allowed
from tests.harness.settings import Setting, detectron2, lightning, mlx, mmengine, olmo, timm, transformers

#: The kinds of settings, by library.
SETTINGS: dict[str, Setting] = {module.SETTING.source: module.SETTING for module in (
    transformers, timm, lightning, mmengine, detectron2, olmo, mlx)}
#: The folder of the recorded rates.
RECORDED = Path(__file__).with_name("recorded")
UPDATES, TEXTS = 60, 24


def find_difference(expected: np.ndarray, rates: list[float], bits: int = 64) -> int | None:
    """Return the first update whose rate differs by more than rounding, None without such an update.

    expected: the rates of the reading. rates: those of the library. bits: its precision, 32 or 64 (default: 64).
    In float32 a factor is rounded, too, and t of them are multiplied.
    """
    updates = len(expected)
    rounding = (32 + updates) * 2.0**-24 if bits == 32 else (16 * updates + updates**2) * 2.0**-53
    differs = np.abs(np.array(rates) - expected) > compute_allowed(expected, rounding)
    return int(np.argmax(differs)) if differs.any() else None


def compare(setting: Setting, text: str) -> None:
    """Raise ValueError if a rate of the library differs from the reading, PortError if the text is refused."""
    schedule = read_text(text, setting.source, **setting.options).schedule
    rates, expected = setting.run(text, UPDATES), lrs(schedule, UPDATES)
    update = find_difference(expected, rates, setting.bits)
    if update is not None:
        raise ValueError(f"{text}: update {update}: the library has {rates[update]!r}, `port` reads "
                         f"{expected[update]!r}")


def record(setting: Setting, draw: random.Random) -> dict[str, Any]:
    """Return the rates of random texts that are not refused, with the release of the library."""
    rates: dict[str, list[float]] = {}
    while len(rates) < TEXTS:
        text = setting.build(draw)
        try:
            read_text(text, setting.source, **setting.options)
        except PortError:
            continue
        rates[text] = (setting.train or setting.run)(text, UPDATES)
    release = {name: importlib.metadata.version(name) for name in setting.distributions}
    return {"made by": f"python -m tests.harness.settings {setting.source} --record", "releases": release,
            "rates": rates}


def _search(setting: Setting, number: int, draw: random.Random) -> int:
    refused, wrong = {}, []
    for _ in range(number):
        text = setting.build(draw)
        try:
            compare(setting, text)
        except PortError as error:
            refused[text] = str(error)
        except ValueError as error:
            wrong.append(str(error))
    for line in wrong:
        print(line)
    for reason, text in {error.partition(": ")[2][:60]: text for text, error in refused.items()}.items():
        print(f"refused, for example {text}: {reason}")
    print(f"{setting.source}: {number:,} settings, {len(refused):,} different ones refused, "
          f"{len(wrong)} settings with a wrong rate, {UPDATES} updates each")
    return FAILED if wrong else 0


def main() -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog="python -m tests.harness.settings", description="Compare random settings of other libraries.",
                    epilog="exit codes: 0 all rates agree, 2 wrong arguments, 4 a rate differs")
    parser.add_argument("library", type=build_choice_type(tuple(SETTINGS)), help=f"one of {', '.join(SETTINGS)}")
    parser.add_argument("--number", type=parse_count, default=1000, help="number of settings (default: 1000)")
    parser.add_argument("--seed", type=parse_seed, default=0, help="seed of the random numbers (default: 0)")
    parser.add_argument("--record", action="store_true", help=f"write the rates of {TEXTS} settings instead")
    chosen = parser.parse_args()
    setting, draw = SETTINGS[chosen.library], random.Random(chosen.seed)
    if not chosen.record:
        return _search(setting, chosen.number, draw)
    RECORDED.mkdir(exist_ok=True)
    path = RECORDED / f"{setting.source}.json"
    written = record(setting, draw)
    lines = ",\n".join(f"  {json.dumps(text)}: {json.dumps(rates)}" for text, rates in written.pop("rates").items())
    path.write_text(f'{json.dumps(written, indent=1)[:-2]},\n "rates": {{\n{lines}\n }}\n}}\n', encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
