# MXNet has no annotations and creates its signatures when it is imported, so everything in it is Any.
from typing import Any

def __getattr__(name: str) -> Any: ...
