"""Print the JSON Schema of a schedule: python -m frameworks.schedule > frameworks/schedule/schema.json"""

import json
import sys

from frameworks.arguments import Parser
from frameworks.schedule.union import json_schema


def main() -> int:
    """Print the schema."""
    Parser(prog="python -m frameworks.schedule", description="Print the JSON Schema of a schedule.").parse_args()
    print(json.dumps(json_schema(), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
