"""Writes frameworks/RECIPES.md: python -m tests.harness.recipes [--check]

The page is made from the scripts, from wrong.toml and from recorded.json. Exit codes: 0 good, 2 usage, 4 the page or
the record is not current.
"""

from __future__ import annotations

import sys
from difflib import unified_diff
from typing import Any

from frameworks.arguments import Parser
from frameworks.generated import ROOT, parse_arguments, print_stale, update
from frameworks.schedule import Cosine, lrs
from tests.harness.recipes import LAUNCHED, RECIPES, Wrong, read_script, read_title, read_wrong
from tests.harness.recipes.record import COMMAND as RECORDED
from tests.harness.recipes.record import hash_script, read_record

PAGE, COMMAND = "RECIPES.md", "python -m tests.harness.recipes"
#: The schedule of all recipes, and the number of rates in a row of the page.
SCHEDULE, SHOWN = Cosine(base_lr=0.3, final_lr=0.01, updates=24), 6
HEAD = f"""<!-- made by: {RECORDED}; {COMMAND} -->

# Recipes for trainers

Each recipe is a [script](recipes) for one trainer: it applies a schedule, records the rate of each update, and compares
the rates bit for bit with the specification. Below it are lines that people write instead, the rates that these apply,
and the message of `assert_applied`. All of them ran, with the releases that are named.

The schedule is `Cosine(base_lr=0.3, final_lr=0.01, updates=24)`. A training has three epochs of 8 updates. `t` counts
the updates already made.

To run one: `pip install . -r requirements/recipes.txt`, then `cd frameworks/recipes` and the command above a script. A
recording does not replace a file: delete `rates*.csv` before you run it again. `tox -e recipes` runs all of them and
compares the rates with [those recorded](recipes/recorded.json).
"""


def build_page(record: dict[str, Any]) -> str:
    """Return the page as Markdown."""
    wrong = read_wrong()
    lines = [HEAD, "| trainer | releases | instead, and the first wrong update |", "| --- | --- | --- |"]
    for recipe in RECIPES:
        ways = "; ".join(f"[{entry.title}](#{build_anchor(entry)}): {find_update(record[entry.name])}"
                         for entry in wrong if entry.recipe == recipe)
        title = f"[{read_title(recipe)}](#{recipe.replace('_', '-')})"
        lines.append(f"| {title} | {format_releases(record[recipe])} | {ways} |")
    for recipe in RECIPES:
        lines += ["", *build_section(recipe, [entry for entry in wrong if entry.recipe == recipe], record)]
    return "\n".join([*lines, ""])


def build_section(recipe: str, wrong: list[Wrong], record: dict[str, Any]) -> list[str]:
    """Return the lines of a recipe and of what people write instead."""
    commands = [f"torchrun --nproc_per_node {number} {recipe}.py" for number in LAUNCHED.get(recipe, ())]
    lines = [f'<a id="{recipe.replace("_", "-")}"></a>', "", f"## {read_title(recipe)}", "",
             " or ".join(f"`{command}`" for command in commands or [f"python {recipe}.py"]) + ":", "",
             "```python", read_script(recipe).rstrip(), "```"]
    for entry in wrong:
        lines += ["", f'<a id="{build_anchor(entry)}"></a>', "", f"### {entry.title}", "",
                  f"{entry.reason} [Source]({entry.source})", "", "```diff", *find_changes(entry), "```", "",
                  *build_rates(record[entry.name]), "", "```text", *record[entry.name]["message"], "```"]
    return lines


def build_rates(made: dict[str, Any]) -> list[str]:
    """Return a table of the specified and the applied rates, from two updates before the first wrong one on."""
    begin = max(int(find_update(made)) - 2, 0)
    rows = {"specified": lrs(SCHEDULE, begin + SHOWN).tolist()}
    several = len({tuple(rates) for rates in made["rates"].values()}) > 1
    for number, rates in enumerate(made["rates"].values() if several else [next(iter(made["rates"].values()))]):
        rows[f"applied in process {number}" if several else "applied"] = rates
    lines = ["| t |" + "".join(f" {t} |" for t in range(begin, begin + SHOWN)), "| --- |" + " --- |" * SHOWN]
    return lines + [f"| {name} |" + "".join(f" {rate:.5f} |" for rate in rates[begin:begin + SHOWN])
                    for name, rates in rows.items()]


def build_anchor(entry: Wrong) -> str:
    """Return the anchor of a wrong way."""
    words = "".join(letter if letter.isalnum() else "-" for letter in entry.name.lower())
    return "-".join(filter(None, words.split("-")))


def find_changes(entry: Wrong) -> list[str]:
    """Return the changed lines of a wrong way, as a diff without its head."""
    before, after = read_script(entry.recipe).splitlines(), entry.write_script().splitlines()
    return [line for line in list(unified_diff(before, after, n=1, lineterm=""))[2:] if not line.startswith("@@")]


def find_update(made: dict[str, Any]) -> str:
    """Return the first wrong update in the message of `assert_applied`."""
    return made["message"][0].partition(" ")[2].partition(":")[0]


def format_releases(made: dict[str, Any]) -> str:
    """Return the releases that a recipe ran with."""
    return ", ".join(f"{library} {release}" for library, release in made["releases"].items())


def find_outdated(record: dict[str, Any]) -> list[str]:
    """Return a line for each script that has changed since it was recorded, and for each record without a script."""
    scripts = {**{recipe: read_script(recipe) for recipe in RECIPES},
               **{entry.name: entry.write_script() for entry in read_wrong()}}
    lines = [f"{name} is not recorded as it is now: {RECORDED}" for name, script in scripts.items()
             if record.get(name, {}).get("script") != hash_script(script)]
    return lines + [f"{name} is recorded, but there is no such script: {RECORDED}" for name in record
                    if name not in scripts]


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or check that it is current; return the exit code."""
    parser = Parser(prog=COMMAND, description="Write frameworks/RECIPES.md.")
    check = parse_arguments(parser, arguments).check
    record = read_record()
    if outdated := find_outdated(record):
        return print_stale(outdated)
    return update({PAGE: build_page(record)}, ROOT / "frameworks", COMMAND, check=check)


if __name__ == "__main__":
    sys.exit(main())
