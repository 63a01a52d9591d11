"""python -m parity optax-record [--check], in the environment of requirements/optax.txt

Runs optax's spellings through real, jitted `optax.sgd` updates and writes down how far off they are, in optax.json: the
guide is made where optax is not installed. XLA compiles float32 arithmetic for the processor at hand, so how many ULP
one is off may be another number on another machine: --check asks which codes there are, and which of them are exact.
Exit codes: 0 good, 4 if --check finds the record not current.
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
from frameworks.generated import parsed, printed
from parity.pages.guide.examples import EXAMPLES, updates_of
from parity.pages.guide.halve import HALVED, OPTAX_HALVED
from parity.pages.guide.measured import Off
from parity.port.write import spellings

RECORD = Path(__file__).with_name("optax.json")
COMMAND = "python -m parity optax-record"


def recorded() -> dict[str, Any]:
    """Return the record: versions, and by code what it applied, as ulp, first, largest."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def applied(code: str, updates: int) -> np.ndarray:
    """Run a code that makes `optimizer` and return the rates of its updates, float32."""
    import jax
    import jax.numpy as jnp
    import optax

    made: dict[str, Any] = {}
    exec(code, made)
    weight, gradient = jnp.zeros(1, jnp.float32), jnp.ones(1, jnp.float32)

    def update(state: Any, _: Any) -> Any:
        change, state = made["optimizer"].update(gradient, state, weight)
        return state, -optax.apply_updates(weight, change)[0]

    _, rates = jax.jit(lambda state: jax.lax.scan(update, state, length=updates))(made["optimizer"].init(weight))
    return np.asarray(jax.device_get(rates), np.float32)


def made() -> dict[str, Any]:
    """Measure everything: native spellings as JAX comes, in float32, and then the exact ones, which change that."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import optax

    codes = [(example.schedule, one) for example in EXAMPLES.values() for one in spellings(example.schedule, "optax")]
    runs = [*((schedule, one.code) for schedule, one in codes if one.native), (HALVED, OPTAX_HALVED),
            *((schedule, one.code) for schedule, one in codes if not one.native)]
    found = {}
    for schedule, code in runs:
        off = Off.of(schedule, applied(code, updates_of(schedule)))
        found[code] = {"ulp": off.ulp, "first": off.first, "largest": float(f"{off.largest:.2g}")}
    return {"made by": COMMAND, "optax": optax.__version__, "jax": jax.__version__, "off": found}


def main(arguments: list[str] | None = None, prog: str = "python -m parity optax-record") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write down what optax's spellings apply.")
    check = parsed(parser, arguments).check
    found = made()
    if not check:
        RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return 0
    differing = different(recorded() if RECORD.exists() else {"off": {}}, found)
    return printed([f"{RECORD.name} is not current: {COMMAND}", *differing] if differing else [])


def different(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the last line of each code that only one record has, or that only one says is exact."""
    exact = [{code: off["ulp"] == 0 for code, off in record["off"].items()} for record in (old, new)]
    return [code.splitlines()[-1] for code in {**exact[0], **exact[1]} if exact[0].get(code) != exact[1].get(code)]


if __name__ == "__main__":
    sys.exit(main())
