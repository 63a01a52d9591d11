"""Sends questions to a plug-in and reads its answers. parity/PROTOCOL.md has the whole protocol.

A plug-in is a program in any language. It is started once, in a separate process group, and answers one JSON object per
line on stdout to each that it reads from stdin, in order. First comes the handshake, then a question for each case.

Every answer that does not agree fails one case; the next case is sent in any event. If it is unclear to which question
the next line would belong (after a late answer, for example), the plug-in is killed and started again. So a late answer
is never treated as the answer to another question. After three failed handshakes in a row the remaining cases are not
sent.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from frameworks.schedule import Schedule, expand
from parity.conformance.answers import read_bits, read_object, read_rates
from parity.conformance.process import AnswerError, Process, StartError, clean_text, shorten_value

PROTOCOL = 1
#: The version of the specification of schedules.
VERSION = 1
#: The number of handshakes in a row that may fail.
MAX_HANDSHAKES = 3
#: Seconds that a plug-in has to end after its stdin is closed, and again after SIGTERM.
PATIENCE = 1.0
#: Seconds after an answer in which more output counts as a part of it.
SETTLED = 0.02


class Skipped(Exception):  # noqa: N818 (plug-ins raise it)
    """A plug-in skips a case, with its reason."""


class ProtocolError(Exception):
    """A plug-in speaks another protocol."""


class Plugin:
    """A plug-in. It is started for its first question, and again after it failed; `with` ends it.

    command: the program and its arguments.
    timeout: seconds for each answer.

    After the handshake, `name` has its name and version.
    """

    def __init__(self, command: list[str], timeout: float) -> None:
        self.command, self.timeout = command, timeout
        self.name = ""
        self._process: Process | None = None
        self._sent = self._failed_handshakes = 0

    def __enter__(self) -> Plugin:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        self._stop(PATIENCE if kind is None else 0)

    def ask(self, case: str, schedule: Schedule, updates: int) -> np.ndarray:
        """Return the applied rates of one case: float32, shape (updates, 1).

        Raises Skipped, AnswerError, and what `ensure_started` raises.
        """
        question = {"case": case, "schedule": schedule.model_dump(mode="json", exclude_none=True), "updates": updates}
        if (composed := expand(schedule)) is not schedule:
            question["composed"] = composed.model_dump(mode="json", exclude_none=True)
        answer = self._answer(question)
        if type(answer.get("id")) is int and 0 < answer["id"] < self._sent:
            self._stop()  # a second answer to an earlier question: it fails neither case
            answer = self._answer(question)
        if type(answer.get("id")) is not int or answer["id"] != self._sent:
            self._stop()
            raise AnswerError("answer to another question",
                              f"id {shorten_value(answer.get('id'))}, expected {self._sent}")
        self._check_quiet(SETTLED)
        keys = [key for key in ("result", "bits", "skipped", "error") if key in answer]
        if len(keys) != 1:
            raise AnswerError("not an answer",
                              f"one of result, bits, skipped, error, got {' and '.join(keys) or 'none'}")
        value = answer[keys[0]]
        if keys == ["skipped"]:
            raise Skipped(clean_text(str(value)))
        if keys == ["error"]:
            raise AnswerError("error", clean_text(str(value)))
        if not isinstance(value, list):
            raise AnswerError("not an answer", f"{keys[0]} must be a list, got {shorten_value(value)}")
        if keys == ["bits"]:
            value = [read_bits(digits, update) for update, digits in enumerate(value)]
        return read_rates([[number] for number in value], updates)

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Send a question under a new id, and return its answer. Raises what `ensure_started` raises.

        If there is output that no question belongs to, the plug-in is restarted first.
        """
        if self._process is not None and self._process.read_unasked(0):
            self._stop()
        process = self.ensure_started()
        self._sent += 1
        return self._exchange(process, {"id": self._sent, **question})

    def ensure_started(self) -> Process:
        """Start the plug-in and make the handshake, unless it runs already; return its process.

        Raises AnswerError if its answer is not good, ProtocolError if it speaks another protocol, StartError.
        """
        if self._process is not None:
            return self._process
        if self._failed_handshakes == MAX_HANDSHAKES:
            raise AnswerError("not sent", f"{MAX_HANDSHAKES} handshakes in a row failed")
        self._failed_handshakes += 1
        try:
            self._process = process = Process(self.command)
            answer = self._exchange(process, {"protocol": PROTOCOL, "hello": "parity", "version": VERSION})
            self._check_quiet(SETTLED)
        except AnswerError as failed:
            raise AnswerError("no handshake", str(failed)) from None
        except StartError as error:
            if self.name:  # it has started before
                raise AnswerError("no handshake", str(error)) from None
            raise
        if "protocol" not in answer:
            self._stop()
            raise AnswerError("no handshake", f"not an answer: {shorten_value(json.dumps(answer))}")
        if type(answer["protocol"]) is not int or answer["protocol"] != PROTOCOL:
            refused = f"the plug-in speaks protocol {shorten_value(answer['protocol'])}, this project {PROTOCOL}"
            if self.name:
                self._stop()
                raise AnswerError("no handshake", refused)
            raise ProtocolError(refused)
        self._failed_handshakes = 0
        self.name = " ".join(clean_text(str(answer[key])) for key in ("name", "version") if key in answer) or "no name"
        return process

    def _exchange(self, process: Process, message: dict[str, Any]) -> dict[str, Any]:
        """Send one object and return the answer. Stops the plug-in if that fails."""
        try:
            line = process.exchange(json.dumps(message).encode() + b"\n", self.timeout)
            return read_object(line.decode(errors="backslashreplace"))
        except AnswerError:
            self._stop()
            raise

    def _check_quiet(self, seconds: float) -> None:
        """Raise AnswerError if more output arrives within some seconds: it cannot belong to the next question."""
        if self._process is not None and (extra := self._process.read_unasked(seconds)):
            self._stop()
            raise AnswerError("more than an answer",
                              shorten_value(extra.decode(errors="backslashreplace").rstrip("\n")))

    def _stop(self, patience: float = 0) -> None:
        if self._process is not None:
            self._process.stop(patience)
        self._process = None
