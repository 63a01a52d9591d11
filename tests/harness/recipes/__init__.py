"""Runs the recipes of frameworks/recipes: trainings in common trainers, and what people write instead.

A recipe is a script that records its rates and ends with `assert_applied`. A wrong way is the same script with some
lines replaced (frameworks/recipes/wrong.toml), and has to fail there.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import tomllib

from frameworks.generated import ROOT

FOLDER = ROOT / "frameworks/recipes"
WRONG = FOLDER / "wrong.toml"
#: The recipes that torchrun starts, and with how many processes; their wrong ways run with the last number.
LAUNCHED = {"torch_ddp": (2,), "accelerate_loop": (1, 2), "deepspeed_engine": (1,)}
#: The recipes in the order of the page, and the distributions whose releases it names.
RECIPES = {
    "torch_loop": ("torch",), "torch_scaler": ("torch",), "torch_resume": ("torch",), "torch_ddp": ("torch",),
    "lightning_trainer": ("lightning", "torch"), "transformers_trainer": ("transformers", "torch"),
    "accelerate_loop": ("accelerate", "torch"), "deepspeed_engine": ("deepspeed", "torch"),
    "keras_fit": ("keras", "tensorflow"), "keras_loop": ("keras", "tensorflow"),
    "keras_resume": ("keras", "tensorflow"),
    "gluon_trainer": ("mxnet",), "gluon_module": ("mxnet",), "gluon_estimator": ("mxnet",), "gluon_resume": ("mxnet",),
}


@dataclass(frozen=True)
class Wrong:
    """A wrong way of a recipe.

    recipe: name of the recipe.
    title, reason: a heading, and what happens then.
    source: address of a report, or of the documentation.
    mistake: name of the known mistake that `assert_applied` has to name.
    lines, instead: texts of whole lines in the recipe, and what replaces each.
    """

    recipe: str
    title: str
    reason: str
    source: str
    mistake: str
    lines: tuple[str, ...]
    instead: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the name of its record."""
        return f"{self.recipe}: {self.title}"

    def write_script(self) -> str:
        """Return the recipe with the lines replaced. Raises ValueError if the recipe does not have each text once."""
        script = read_script(self.recipe)
        if len(self.lines) != len(self.instead):
            raise ValueError(f"{self.name}: lines and instead must have the same length")
        for line, instead in zip(self.lines, self.instead):
            before, *rest = script.split(line.lstrip("\n"))
            if len(rest) != 1:
                raise ValueError(f"{self.name}: the recipe has this {len(rest)} times, not once: {line!r}")
            script = before + instead.lstrip("\n") + rest[0]
        return script


def read_script(recipe: str) -> str:
    """Return the text of a recipe."""
    return (FOLDER / f"{recipe}.py").read_text(encoding="utf-8")


def read_title(recipe: str) -> str:
    """Return the first line of the docstring of a recipe, without its full stop."""
    return str(ast.get_docstring(ast.parse(read_script(recipe)))).removesuffix(".")


def read_wrong() -> list[Wrong]:
    """Return the wrong ways, in the order of the recipes."""
    entries: list[dict[str, Any]] = tomllib.loads(WRONG.read_text(encoding="utf-8"))["wrong"]
    order = list(RECIPES)
    wrong = [Wrong(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
             for entry in entries]
    return sorted(wrong, key=lambda entry: order.index(entry.recipe))
