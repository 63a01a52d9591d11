"""Print the JSON Schema of a schedule: python -m frameworks.schedule > frameworks/schedule/schema.json"""

import json

from frameworks.schedule.union import json_schema

print(json.dumps(json_schema(), indent=2))
