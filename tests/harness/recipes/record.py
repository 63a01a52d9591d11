"""python -m tests.harness.recipes.record [--check] [RECIPE ...], in the environment of requirements/recipes.txt

Runs each recipe and each of its wrong ways, and records the applied rates in frameworks/recipes/recorded.json. The page
is made where these trainers are not installed. A recipe has to end well, and each wrong way has to fail at
`assert_applied` with the name of its mistake. --check: compares with the record, to the bit, and writes nothing. Exit
codes: 0 good, 2 usage, 4 a script did not do what it has to, or the record is not current.
"""

from __future__ import annotations

import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from frameworks.arguments import Parser, build_choice_type
from frameworks.generated import parse_arguments, print_stale
from tests.harness.recipes import FOLDER, LAUNCHED, RECIPES, Wrong, read_script, read_wrong
from tests.harness.recipes.run import Outcome, ScriptError, run_script

RECORD = FOLDER / "recorded.json"
COMMAND = "python -m tests.harness.recipes.record"
#: What a record compares: the releases may differ.
COMPARED = ("script", "rates", "message")


def read_record() -> dict[str, Any]:
    """Return the record: releases, hash of the script, rates and message of each recipe and wrong way."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def hash_script(script: str) -> str:
    """Return 16 digits that change with the script."""
    return hashlib.sha256(script.encode()).hexdigest()[:16]


def find_problems(wrong: Wrong | None, outcome: Outcome) -> list[str]:
    """Return what the outcome of a recipe, or of a wrong way of one, has not as it has to be."""
    if wrong is None:
        return [f"assert_applied failed: {message}" for message in outcome.message[:1]]
    if not outcome.message:
        return ["assert_applied accepted the rates"]
    named = outcome.message[1].partition(": ")[2]
    return [] if named.startswith(f"{wrong.mistake}: ") else [f"expected the mistake {wrong.mistake!r}, not: {named}"]


def run_recipe(name: str, wrong: Wrong | None) -> tuple[dict[str, Any], list[str]]:
    """Run a recipe, with each of its numbers of processes, or a wrong way of it; return its record and its problems."""
    try:
        script = wrong.write_script() if wrong else read_script(name)
        numbers = LAUNCHED.get(name, (0,))
        outcomes = {number: run_script(name, script, number) for number in (numbers[-1:] if wrong else numbers)}
    except (ScriptError, ValueError) as error:
        return {}, [str(error)]
    rates = {f"{number or 1}: {file}": values for number, outcome in outcomes.items()
             for file, values in outcome.rates.items()}
    return {"releases": {library: find_release(library) for library in RECIPES[name]}, "script": hash_script(script),
            "rates": rates, "message": [line for outcome in outcomes.values() for line in outcome.message]}, [
                problem for outcome in outcomes.values() for problem in find_problems(wrong, outcome)]


def find_release(library: str) -> str:
    """Return the release of an installed library; of TensorFlow, whichever of its distributions is installed."""
    try:
        return version(library)
    except PackageNotFoundError:
        return version(f"{library}-cpu")


def format_record(record: dict[str, Any]) -> str:
    """Return a record as JSON, with one line for each script."""
    order = [*RECIPES, *(entry.name for entry in read_wrong())]
    lines = [f"  {json.dumps(name)}: {json.dumps(record[name])}" for name in order if name in record]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=COMMAND, description="Record the rates that the recipes apply.")
    parser.add_argument("recipes", nargs="*", type=build_choice_type(tuple(RECIPES)), metavar="RECIPE",
                        help=f"default: all; {', '.join(RECIPES)}")
    chosen = parse_arguments(parser, arguments)
    record, lines = read_record(), []
    recipes = chosen.recipes or list(RECIPES)
    scripts: dict[str, tuple[str, Wrong | None]] = {recipe: (recipe, None) for recipe in recipes}
    scripts.update({wrong.name: (wrong.recipe, wrong) for wrong in read_wrong() if wrong.recipe in recipes})
    with ThreadPoolExecutor(2) as pool:
        outcomes = pool.map(lambda script: run_recipe(*script), scripts.values())
    for name, (made, problems) in zip(scripts, outcomes):
        print(f"{name}: {'; '.join(problems) or 'good'}")
        lines += [f"{name}: {problem}" for problem in problems]
        if not chosen.check and made:
            record[name] = made
        elif made and any(record.get(name, {}).get(key) != made[key] for key in COMPARED):
            lines.append(f"{name}: {RECORD.name} is not current: {COMMAND}")
    if not chosen.check and not lines:
        RECORD.write_text(format_record(record), encoding="utf-8")
    return print_stale(lines)


if __name__ == "__main__":
    sys.exit(main())
