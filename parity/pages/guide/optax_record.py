"""python -m parity optax-record [--check], in the environment of requirements/optax.txt

Runs optax's spellings through real, jitted `optax.sgd` updates and records their differences in optax.json, because the
guide is made where optax is not installed. XLA compiles float32 arithmetic for the processor, so the difference in ULP
varies between machines. --check therefore compares only which codes there are, and which of them are exact. Exit codes:
0 good, 4 if --check finds the record not current.
"""

# optax is in a separate environment
# pyright: reportMissingImports=false

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from frameworks.arguments import Parser
from frameworks.generated import parse_arguments, print_stale
from frameworks.whole_files import replace_whole
from parity.pages.guide.examples import EXAMPLES, count_updates
from parity.pages.guide.halve import HALVED, OPTAX_HALVED
from parity.pages.guide.measured import Off
from parity.port.write import write_spellings

RECORD = Path(__file__).with_name("optax.json")
COMMAND = "python -m parity optax-record"


def read_record() -> dict[str, Any]:
    """Return the record: versions, and each code's difference from its schedule as ulp, first, largest."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def measure_applied_rates(code: str, updates: int) -> np.ndarray:
    """Run a code that builds `optimizer` and return the rates of its updates, float32."""
    import jax
    import jax.numpy as jnp
    import optax

    names: dict[str, Any] = {}
    exec(code, names)
    weight, gradient = jnp.zeros(1, jnp.float32), jnp.ones(1, jnp.float32)

    def update(state: Any, _: Any) -> Any:
        change, state = names["optimizer"].update(gradient, state, weight)
        return state, -optax.apply_updates(weight, change)[0]

    _, rates = jax.jit(lambda state: jax.lax.scan(update, state, length=updates))(names["optimizer"].init(weight))
    return np.asarray(jax.device_get(rates), np.float32)


def measure_record() -> dict[str, Any]:
    """Measure all codes: built-in functions in float32, then self-contained code, which switches JAX to float64."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import optax

    codes = [(example.schedule, spelling) for example in EXAMPLES.values()
             for spelling in write_spellings(example.schedule, "optax")]
    runs = [*((schedule, spelling.code) for schedule, spelling in codes if spelling.native), (HALVED, OPTAX_HALVED),
            *((schedule, spelling.code) for schedule, spelling in codes if not spelling.native)]
    differences = {}
    for schedule, code in runs:
        off = Off.from_rates(schedule, measure_applied_rates(code, count_updates(schedule)))
        differences[code] = {"ulp": off.ulp, "first": off.first, "largest": float(f"{off.largest:.2g}")}
    return {"made by": COMMAND, "optax": optax.__version__, "jax": jax.__version__, "off": differences}


def main(arguments: list[str] | None = None, prog: str = "python -m parity optax-record") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Record the rates that optax's spellings apply.")
    check = parse_arguments(parser, arguments).check
    record = measure_record()
    if not check:
        replace_whole({RECORD: (json.dumps(record, indent=1) + "\n").encode()})
        return 0
    differing = find_differences(read_record() if RECORD.exists() else {"off": {}}, record)
    return print_stale([f"{RECORD.name} is not current: {COMMAND}", *differing] if differing else [])


def find_differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the last line of each code that is in only one record, or exact in only one."""
    exact = [{code: off["ulp"] == 0 for code, off in record["off"].items()} for record in (old, new)]
    return [code.splitlines()[-1] for code in {**exact[0], **exact[1]} if exact[0].get(code) != exact[1].get(code)]


if __name__ == "__main__":
    sys.exit(main())
