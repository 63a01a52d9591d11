"""Tests that each constructor in a framework's installed documentation is read, or refused with a reason."""

from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from parity.port import SOURCES, PortError, read_text

FILES = {
    "mxnet": ["lr_scheduler.py", "optimizer/optimizer.py", "gluon/trainer.py"],
    "torch": ["optim/lr_scheduler.py", "optim/swa_utils.py", "optim/optimizer.py"],
    "keras": ["src/optimizers/schedules/learning_rate_schedule.py", "src/callbacks/model_checkpoint.py"],
}
#: Names that the examples use without a definition.
UNSAID = {"initial_learning_rate": 0.1, "T_0": 10, "T_mult": 2}
#: Refused classes, and a part of the reason.
REFUSED = {
    ("torch", "LambdaLR"): "its rates are whatever its function returns",
    ("torch", "MultiplicativeLR"): "its rates are whatever its function returns",
    ("torch", "ReduceLROnPlateau"): "its rates depend on the training's metric",
    ("keras", "MyLRSchedule"): "is not a supported scheduler of tensorflow",
}
_CLASS = re.compile(r"(LR|Scheduler|Decay|Restarts|Plateau|LRSchedule)$")


def blocks(docstring):
    """Return the code blocks of a docstring: lines after >>>, and text between fences."""
    fenced, examples = re.findall(r"```(?:python)?\n(.*?)```", docstring, re.DOTALL), []
    for line in [*docstring.splitlines(), ""]:
        code = re.fullmatch(r"\s*(?:>>>|\.\.\.)(?: (.*))?", line)
        if code:
            examples.append(code[1] or "")
        elif examples:
            fenced.append("\n".join(examples))
            examples = []
    return [re.sub(r"^\.\.\.$", "", block, flags=re.MULTILINE) for block in fenced]


class Resolved(ast.NodeTransformer):
    """Replaces names with the values assigned to them, and len(...) with 10."""

    def __init__(self):
        self.known = {name: ast.Constant(value) for name, value in UNSAID.items()}

    def visit_Name(self, node):
        """Return the value of a name, or the name."""
        return self.known.get(node.id, node)

    def visit_Call(self, node):
        """Return the call with its arguments replaced, 10 for len(...)."""
        if ast.unparse(node.func) == "len":
            return ast.Constant(10)
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [ast.keyword(keyword.arg, self.visit(keyword.value)) for keyword in node.keywords]
        return node


def constructors_in(docstring):
    """Return the constructors in a docstring's code, with all values filled in."""
    resolved, texts = Resolved(), []
    for block in blocks(docstring):
        code = re.sub(r",\n\s+", ", ", block)  # some examples have >>> before a continuation line
        try:
            nodes = list(ast.walk(ast.parse(code)))
        except SyntaxError:  # a formula
            assert not [name for name in re.findall(r"(\w+)\(", block) if _CLASS.search(name)], block
            continue
        for node in nodes:
            if isinstance(node, ast.Call) and _CLASS.search(ast.unparse(node.func).rsplit(".")[-1]):
                texts.append(ast.unparse(resolved.visit_Call(node)))
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = resolved.visit(node.value)
                literal = isinstance(value, ast.List) or (isinstance(value, ast.Constant) and value.value is not ...)
                if literal or (isinstance(value, ast.Call) and _CLASS.search(ast.unparse(value.func))):
                    resolved.known[node.targets[0].id] = value
    return texts


def list_documented(package):
    """Return the constructors in the installed documentation of a package."""
    folder = Path(find_spec(package).origin).parent
    texts = []
    for name in FILES[package]:
        for node in ast.walk(ast.parse((folder / name).read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                texts += constructors_in(ast.get_docstring(node) or "")
    return list(dict.fromkeys(texts))


def name_of(text):
    """Return the class of a constructor's text."""
    return text.partition("(")[0].rsplit(".")[-1]


def test_what_is_documented_is_found():
    """MXNet 1.9.1 has no examples; torch and Keras have one for each class."""
    names = {package: {name_of(text) for text in list_documented(package)} for package in FILES}
    assert names["mxnet"] == set()
    assert set(SOURCES["torch"].READERS) <= names["torch"]
    assert set(SOURCES["tensorflow"].READERS) <= names["keras"]
    assert {(package, name) for package, classes in names.items() for name in classes} >= set(REFUSED)


@pytest.mark.parametrize(("package", "text"),
                         [(package, text) for package in FILES for text in list_documented(package)])
def test_every_documented_constructor_is_read(package, text):
    """Each documented constructor is read, or refused for the listed reason."""
    source = {"keras": "tensorflow"}.get(package, package)
    options = {"lr": 0.1} if source == "torch" else {}
    reason = REFUSED.get((package, name_of(text)))
    if reason is None:
        assert read_text(text, source, **options).schedule.largest > 0
    else:
        with pytest.raises(PortError) as caught:
            read_text(text, source, **options)
        assert reason in str(caught.value)


def test_a_constructor_that_is_not_read_would_be_found():
    """A class without a reader is detected in a docstring, and refused."""
    text = ">>> steps = 7\n>>> first = StepLR(optimizer, steps)\n>>> both = OwnScheduler([first])\n"
    assert constructors_in(text) == ["StepLR(optimizer, 7)", "OwnScheduler([StepLR(optimizer, 7)])"]
    with pytest.raises(PortError, match="OwnScheduler is not a supported scheduler of torch"):
        read_text(constructors_in(text)[1], "torch", lr=0.1)


MXNET = "https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/training/learning_rates/"
TORCH = "https://docs.pytorch.org/docs/"
#: Examples of the online documentation: page, text, options, and the rates by update that the page states.
PAGES = [
    (MXNET, "FactorScheduler(step=250, factor=0.5)", {"optimizer": "SGD(learning_rate=1)"}, {249: 1, 250: 0.5}),
    (MXNET, "MultiFactorScheduler(step=[250, 750, 900], factor=0.5)", {"optimizer": "SGD(learning_rate=1)"},
     {249: 1, 250: 0.5, 750: 0.25, 900: 0.125}),
    (MXNET, "PolyScheduler(max_update=1000, base_lr=1, pwr=2)", {}, {0: 0.998001, 999: 0, 1500: 0}),
    (MXNET, "MultiFactorScheduler(step=[3752, 6566, 8442], factor=0.1)", {"optimizer": "SGD(learning_rate=0.03)"},
     {0: 0.03, 3752: 0.003, 6566: 0.0003, 8442: 0.00003}),
    (TORCH + "stable/optim.html", "MultiStepLR(optimizer, milestones=[30, 80], gamma=0.1)", {"lr": 0.01},
     {29: 0.01, 30: 0.001, 80: 0.0001}),
    (TORCH + "stable/optim.html", "ExponentialLR(optimizer, gamma=0.9)", {"lr": 0.01}, {0: 0.01, 1: 0.009}),
    (TORCH + "1.11/generated/torch.optim.lr_scheduler.ChainedScheduler.html",
     "ChainedScheduler([ConstantLR(self.opt, factor=0.1, total_iters=2), ExponentialLR(self.opt, gamma=0.9)])",
     {"lr": 1.0}, {0: 0.1, 1: 0.09, 2: 0.81, 3: 0.729}),
]


@pytest.mark.parametrize(("page", "text", "options", "rates"), PAGES)
def test_the_pages_examples_are_read(page, text, options, rates):
    """The examples of the online documentation have the rates that the pages state."""
    schedule = read_text(text, "mxnet" if page == MXNET else "torch", **options).schedule
    assert {t: round(schedule.lr(t), 9) for t in rates} == rates
