"""The plug-in protocol: how a program outside this project is asked for the rates that it applies.

A plug-in is any command, in any language. It is started once, in a process group of its own, and answers one JSON
object per line on stdout to each one that it reads from stdin, UTF-8, in order, flushed after every line. Its stderr is
free: the last line there is shown if it dies. Keys that one side does not know it ignores.

1. The handshake. We send

       {"protocol": 1, "hello": "parity", "version": 1}

   `version` being that of the specification of schedules. The plug-in answers with its protocol, name and version:

       {"protocol": 1, "name": "optax", "version": "0.2.8"}

   Another protocol is refused, and nothing is compared.

2. A question for each case, `id` a whole number that is never used twice:

       {"id": 7, "case": "cosine", "schedule": {"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 20},
        "updates": 50}

   in one line. `schedule` is a specification as in a file (frameworks/schedule/schema.json), with all fields, those
   that have a default too; only what is null is left out, such as a `peak_lr`. `updates` is how many rates are wanted:
   those that updates 0, 1, 2, ... apply, `t` being the number of updates already made, so the first one is `lr(0)`.
   Where a named kind stands in the schedule, `composed` is the same schedule, equal rates, without any.

3. One answer to each question, with its `id` and exactly one of

       {"id": 7, "result": [0.3, 0.29821, ...]}        numbers; each is rounded to the nearest float32
       {"id": 7, "bits": ["3e99999a", ...]}            the float32 themselves, eight hexadecimal digits each
       {"id": 7, "skipped": "no cosine here"}          a reason, shown; neither good nor failed
       {"id": 7, "error": "what went wrong"}           shown; the case failed

   The rates are compared with the specified ones as float32, bit for bit (parity/measuring/compare.py). A rate is
   finite and not negative; the sign of a zero is no part of it.

4. The end: stdin is closed. A plug-in that is still there a second later is told to terminate, and killed after another
   second, with its process group.

A case fails, and the next one is asked, where the answer is `late`, of the `wrong number` of rates, `not a rate`, `not
a number`, `not bits`, `not JSON`, `not an answer`, an `answer to another question`, `more than an answer`, an `endless
line` of more than 64 MiB, an `error` or a `difference`, or where the plug-in `died`. After a late answer, a death and
whatever leaves it unclear which question is answered next, the plug-in is killed and started again, with a new
handshake, so that an answer that comes too late is never taken for another question's. Where that fails, the case has
`no handshake`; after three in a row the remaining ones are `not asked`.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from frameworks.schedule import Schedule, expanded
from parity.conformance.answers import object_in, rates, read_bits
from parity.conformance.process import CannotStart, Failed, Process, plain, shown

PROTOCOL = 1
#: Of the specification of schedules.
VERSION = 1
#: How many handshakes in a row may fail.
MAX_HANDSHAKES = 3
#: Seconds that a plug-in has to end by itself, and again after it was told to.
PATIENCE = 1.0
#: Seconds in which what is said after an answer is taken for a part of it.
SETTLED = 0.02


class Skipped(Exception):
    """What a plug-in does not do, with its reason."""


class Refused(Exception):
    """A plug-in that speaks another protocol."""


class Plugin:
    """A plug-in that is started when it is asked, and again after it failed; `with` ends it.

    command: the program and its arguments. timeout: seconds for each answer. `name` has its name and version once it
    has said them.
    """

    def __init__(self, command: list[str], timeout: float) -> None:
        self.command, self.timeout = command, timeout
        self.name = ""
        self._process: Process | None = None
        self._asked = self._failed_handshakes = 0

    def __enter__(self) -> Plugin:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        self._stop(PATIENCE if kind is None else 0)

    def ask(self, case: str, schedule: Schedule, updates: int) -> np.ndarray:
        """Return the applied rates of one case: float32, shape (updates, 1).

        Raises Skipped, Failed, and what `ready` raises.
        """
        question = {"case": case, "schedule": schedule.model_dump(mode="json", exclude_none=True), "updates": updates}
        if (composed := expanded(schedule)) is not schedule:
            question["composed"] = composed.model_dump(mode="json", exclude_none=True)
        answer = self._answer(question)
        if type(answer.get("id")) is int and 0 < answer["id"] < self._asked:
            self._stop()  # an answer again, too late to be blamed on that question: nor is it on this
            answer = self._answer(question)
        if type(answer.get("id")) is not int or answer["id"] != self._asked:
            self._stop()
            raise Failed("answer to another question", f"id {shown(answer.get('id'))}, expected {self._asked}")
        self._quiet(SETTLED)
        given = [key for key in ("result", "bits", "skipped", "error") if key in answer]
        if len(given) != 1:
            raise Failed("not an answer", f"one of result, bits, skipped, error, got {' and '.join(given) or 'none'}")
        value = answer[given[0]]
        if given == ["skipped"]:
            raise Skipped(plain(str(value)))
        if given == ["error"]:
            raise Failed("error", plain(str(value)))
        if not isinstance(value, list):
            raise Failed("not an answer", f"{given[0]} must be a list, got {shown(value)}")
        if given == ["bits"]:
            value = [read_bits(digits, update) for update, digits in enumerate(value)]
        return rates([[number] for number in value], updates)

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Ask a question under a new id, of a plug-in that has said nothing unasked. Raises what `ready` raises."""
        if self._process is not None and self._process.unasked(0):
            self._stop()
        process = self.ready()
        self._asked += 1
        return self._exchanged(process, {"id": self._asked, **question})

    def ready(self) -> Process:
        """Start the plug-in and shake hands, unless it runs already; return its process.

        Raises Failed if it does not answer well, Refused if it speaks another protocol, CannotStart.
        """
        if self._process is not None:
            return self._process
        if self._failed_handshakes == MAX_HANDSHAKES:
            raise Failed("not sent", f"{MAX_HANDSHAKES} handshakes in a row failed")
        self._failed_handshakes += 1
        try:
            self._process = process = Process(self.command)
            answer = self._exchanged(process, {"protocol": PROTOCOL, "hello": "parity", "version": VERSION})
            self._quiet(SETTLED)
        except Failed as failed:
            raise Failed("no handshake", str(failed)) from None
        except CannotStart as error:
            if self.name:  # it has started before
                raise Failed("no handshake", str(error)) from None
            raise
        if "protocol" not in answer:
            self._stop()
            raise Failed("no handshake", f"not an answer: {shown(json.dumps(answer))}")
        if type(answer["protocol"]) is not int or answer["protocol"] != PROTOCOL:
            refused = f"the plug-in speaks protocol {shown(answer['protocol'])}, this project {PROTOCOL}"
            if self.name:
                self._stop()
                raise Failed("no handshake", refused)
            raise Refused(refused)
        self._failed_handshakes = 0
        self.name = " ".join(plain(str(answer[key])) for key in ("name", "version") if key in answer) or "no name"
        return process

    def _exchanged(self, process: Process, message: dict[str, Any]) -> dict[str, Any]:
        """Send one object and return the one that answers it; after anything else the plug-in is stopped."""
        try:
            line = process.exchanged(json.dumps(message).encode() + b"\n", self.timeout)
            return object_in(line.decode(errors="backslashreplace"))
        except Failed:
            self._stop()
            raise

    def _quiet(self, seconds: float) -> None:
        """Raise Failed if more is said within some seconds than was asked: no answer to a question to come."""
        if self._process is not None and (said := self._process.unasked(seconds)):
            self._stop()
            raise Failed("more than an answer", shown(said.decode(errors="backslashreplace").rstrip("\n")))

    def _stop(self, patience: float = 0) -> None:
        if self._process is not None:
            self._process.stop(patience)
        self._process = None
