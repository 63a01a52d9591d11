"""Any schedule: what a field that holds a schedule accepts."""

from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from frameworks.schedule.annealing import Annealing, PowerLaw
from frameworks.schedule.clocks import Hold, Shift
from frameworks.schedule.combinations import Maximum, Minimum, Product, Sum
from frameworks.schedule.curves import Cosine, InverseSquareRoot, InverseTime, Polynomial
from frameworks.schedule.cycles import PolynomialCycle
from frameworks.schedule.exponential import Exponential
from frameworks.schedule.named import (
    Cyclic,
    Delay,
    Interpolated,
    Linear,
    Noam,
    OneCycle,
    Override,
    Piecewise,
    Wsd,
)
from frameworks.schedule.phases import Sequence, Warmup
from frameworks.schedule.rates import Clamp, Scale
from frameworks.schedule.rounds import CosineRestarts, Repeat
from frameworks.schedule.steps import Constant, Factor, MultiFactor

#: One type for all kinds: the field `kind` says which.
Schedule = Annotated[
    Constant | InverseSquareRoot | InverseTime | Factor | MultiFactor | Exponential | Polynomial | Cosine
    | Annealing | PowerLaw | PolynomialCycle
    | CosineRestarts
    | Warmup | Shift | Hold | Repeat | Sequence | Scale | Clamp
    | Sum | Product | Minimum | Maximum
    | Linear | Piecewise | Interpolated | Noam | Delay | Override | OneCycle | Wsd | Cyclic,
    Field(discriminator="kind"),
]

#: Every kind by its name, in the order of the reference.
KINDS = {model.model_fields["kind"].default: model for model in get_args(get_args(Schedule)[0])}

for _model in KINDS.values():
    _model.model_rebuild(_types_namespace={"Schedule": Schedule})

ADAPTER: TypeAdapter = TypeAdapter(Schedule)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a schedule; rules between fields are in the docstrings only."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "made by: python -m parity schema > frameworks/schedule/schema.json",
        **ADAPTER.json_schema(),
    }
