"""Print the JSON Schema of a schedule: python -m frameworks.schedule > frameworks/schedule/schema.json"""

import json
from typing import Any

from frameworks.schedule.union import ADAPTER


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a schedule; rules between fields are in the docstrings only."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "made by: python -m frameworks.schedule > frameworks/schedule/schema.json",
        **ADAPTER.json_schema(),
    }


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
