"""Prints the JSON Schema of a schedule: python -m parity schema > frameworks/schedule/schema.json"""

import json
import sys

from frameworks.arguments import Parser
from frameworks.schedule.union import build_json_schema


def main(arguments: list[str] | None = None, prog: str = "python -m parity schema") -> int:
    """Print the schema and return the exit code, 0."""
    Parser(prog=prog, description="Print the JSON Schema of a schedule.").parse_args(arguments)
    print(json.dumps(build_json_schema(), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
