# MXNet has no annotations, and its signatures are made when it is imported: to a type checker everything in it is Any.
from typing import Any

def __getattr__(name: str) -> Any: ...
