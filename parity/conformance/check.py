"""Check an implementation from outside this project against the cases of the gate: python -m parity check

It is a program that speaks the protocol of parity/PROTOCOL.md, or a Python function. Exit codes: 0 if every case is
good or skipped and at least one is good, 4 otherwise.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import math
import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from frameworks.arguments import Parser
from frameworks.children import exit_on_signals
from frameworks.exit_codes import FAILED
from frameworks.schedule import Schedule
from parity.cases import CASES, Case
from parity.conformance.answers import read_rates
from parity.conformance.client import PROTOCOL, Plugin, ProtocolError, Skipped
from parity.conformance.process import AnswerError, StartError, clean_text
from parity.measuring.compare import compare
from parity.mistakes.search.failed import describe_failure

#: Returns the applied rates, float32 of shape (updates, parameters), of a case: its name, schedule, number of updates.
Ask = Callable[[str, Schedule, int], np.ndarray]


def add_arguments(command: ArgumentParser) -> None:
    """Add the arguments of `check` to its parser."""
    subject = command.add_mutually_exclusive_group(required=True)
    subject.add_argument("--command", dest="plugin", metavar="COMMAND",
                         help="a program that speaks the protocol of parity/PROTOCOL.md, with its arguments")
    subject.add_argument("--python", metavar="MODULE:FUNCTION",
                         help="a function(schedule, updates) that returns the rates; without timeout")
    command.add_argument("--case", action="append", metavar="NAME",
                         help="check only this case; may be repeated (default: all)")
    command.add_argument("--timeout", type=parse_seconds, default=60.0, metavar="SECONDS",
                         help="longest time for each answer of the program, and for its handshake (default: 60)")


def run(chosen: Namespace, parser: Parser) -> int:
    """Check the program or function that the arguments name; return the exit code."""
    cases = _choose_cases(chosen.case, parser)
    if chosen.python is not None:
        return check(wrap_function(_import_function(chosen.python, parser)), cases)
    try:
        command = shlex.split(chosen.plugin)
    except ValueError as error:
        parser.error(f"argument --command: {str(error).lower()}, got {chosen.plugin!r}")
    if not command:
        parser.error("argument --command: is empty")
    with exit_on_signals(), Plugin(command, chosen.timeout) as plugin:  # so that the plug-in is ended too
        try:
            _greet(plugin)
            return check(plugin.ask, cases)
        except StartError as error:
            parser.error(f"argument --command: {error}")
        except ProtocolError as refused:
            print(f"{clean_text(chosen.plugin)}: refused: {refused}", file=sys.stderr)
            return FAILED


def check(ask: Ask, cases: dict[str, Case]) -> int:
    """Get the rates of each case, print a line for each and a summary, and return the exit code."""
    good, skipped, failed = 0, 0, Counter()
    for name, case in cases.items():
        wrong = None
        try:
            applied = ask(name, case.schedule, case.updates)
            comparison = compare(case.schedule, applied)
            if comparison.first is not None:
                wrong = applied[:, comparison.first.parameter]
                raise AnswerError("difference", str(comparison.first))
            tolerated = f", {comparison.edges} within the tolerance" if comparison.edges else ""
            verdict = f"good, {comparison.updates} updates{tolerated}"
            good += 1
        except Skipped as reason:
            verdict = f"skipped: {clean_text(str(reason))}"
            skipped += 1
        except AnswerError as failure:
            verdict = f"FAILED: {failure}"
            failed[failure.kind] += 1
        print(f"{name}: {verdict}", flush=True)
        if wrong is not None:
            print("\n".join(f"  {line}" for line in describe_failure(name, case.schedule, wrong)), flush=True)
    kinds = f" ({', '.join(f'{count} {kind}' for kind, count in failed.items())})" if failed else ""
    total = "1 case" if len(cases) == 1 else f"{len(cases)} cases"
    print(f"{total}: {good} good, {skipped} skipped, {failed.total()} failed{kinds}")
    if not good:
        print("no case is good")
    return FAILED if failed or not good else 0


def wrap_function(function: Callable[[Schedule, int], Any]) -> Ask:
    """Wrap a function of this process for `check`. It has no timeout."""
    def ask(name: str, schedule: Schedule, updates: int) -> np.ndarray:
        try:
            returned = np.asarray(function(schedule, updates))
        except Skipped:
            raise
        except (Exception, SystemExit) as error:
            raise AnswerError("error", clean_text(f"{type(error).__name__}: {error}")) from error
        if returned.ndim not in (1, 2) or not returned.size:
            raise AnswerError("wrong number", f"rates of shape {returned.shape} for {updates} updates")
        return read_rates(returned.reshape(len(returned), -1).tolist(), updates)

    return ask


def _greet(plugin: Plugin) -> None:
    try:
        plugin.ensure_started()
        print(f"{plugin.name}, protocol {PROTOCOL}", flush=True)
    except AnswerError as failure:
        print(failure, flush=True)


def _choose_cases(names: list[str] | None, parser: Parser) -> dict[str, Case]:
    for name in names or ():
        if name not in CASES:
            near = difflib.get_close_matches(name, CASES, n=1, cutoff=0)
            parser.error(f"argument --case: there is no case {name!r}; did you mean {near[0]!r}?")
    return {name: case for name, case in CASES.items() if not names or name in names}


def _import_function(text: str, parser: Parser) -> Callable[[Schedule, int], Any]:
    module, _, name = text.partition(":")
    sys.path.insert(0, os.getcwd())  # as python -m does; the path of the command lr-parity begins elsewhere
    try:
        function = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:  # a module may do anything when it is imported
        parser.error(f"argument --python: cannot import {text}: {clean_text(f'{type(error).__name__}: {error}')}")
    if not callable(function):
        parser.error(f"argument --python: {text} is not a function")
    return function


def parse_seconds(text: str) -> float:
    """Parse a number of seconds above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {text!r}")
    return number
