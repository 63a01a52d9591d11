"""Checks the project's text by the rules of CONTRIBUTING.md: python -m tests.harness.prose

It reads documents, docstrings, help texts, messages and comments. It prints each word of `prose.toml`, each sentence of
more than 30 words, and each first sentence of a docstring of more than 25. It prints each function that is named by a
participle alone, and each variable named `one` or `found`. With --all it checks the names in tests, too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from frameworks.arguments import Parser, run_main
from frameworks.schedule.files import tomllib
from tests.harness import passages

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 30
LONGEST_FIRST = 25
MEASURED = ("document", "docstring", "help")  # kinds of text whose sentences are measured
PARTICIPLES = re.compile(
    r"^_?(?:made|said|told|taken|found|given|known|shown|kept|left|held|seen|done|gone|written|drawn|sent|built"
    r"|worn|chosen|begun|broken|lost|meant|bound|caught|put|brought|thought|(?!need|speed|seed|feed|red|exceed|embed)"
    r"[a-z]+ed)$"
)


class Finding(NamedTuple):
    """One place that breaks a rule: its path, its line counted from 1, and the rule with the text."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


RULES = tomllib.loads(Path(__file__).with_name("prose.toml").read_text(encoding="utf-8"))
#: Patterns, each with what to write instead.
WORDS = [(re.compile(rf"\b(?:{'|'.join(row['patterns'])})\b", re.I), row["instead"]) for row in RULES["word"]]


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text whose code has been replaced by one word each."""
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+|\n\s*\n", text) if sentence.strip()]


def count_words(sentence: str) -> int:
    """Return how many words a sentence has; signs and numbers with units count as they are written."""
    return sum(any(character.isalnum() for character in word) for word in sentence.split())


def check_passage(passage: passages.Passage) -> Iterator[Finding]:
    """Yield what breaks a rule in one passage, unless it is a name of a mistake."""
    if passage.kind == "message" and passage.text in RULES["names"]:
        return
    plain = passages.replace_code(passage.text)
    if passage.kind == "docstring":  # names of arguments are not words of a sentence
        plain = re.sub(r"(^|\. )\s*[`\w*, ]+(?=: )", r"\1ARGUMENT", plain, flags=re.M)
    for pattern, instead in WORDS:
        for match in pattern.finditer(plain):
            line = passage.line + plain[: match.start()].count("\n")
            yield Finding(passage.path, line, f"{passage.kind}: {match.group()!r}; write: {instead}")
    if passage.kind in MEASURED:
        for number, sentence in enumerate(split_sentences(plain)):
            longest = LONGEST_FIRST if number == 0 and passage.kind == "docstring" else LONGEST
            short = " ".join(sentence.split())[:70]
            if (length := count_words(sentence)) > longest:
                yield Finding(passage.path, passage.line, f"{passage.kind}: {length} words, at most {longest}: {short}")
            if re.match(r"(?:What(?! to do:)|Whether|Who|That)\b", sentence) and re.search(r"[^?]$", sentence.rstrip()):
                yield Finding(passage.path, passage.line, f"{passage.kind}: begins with a noun clause: {short}")


def check_names(path: Path, name_of_file: str) -> Iterator[Finding]:
    """Yield each function of a file that is named by a participle, and each variable named `one` or `found`."""
    for kind, name, line in passages.find_names(path):
        if kind == "function" and PARTICIPLES.match(name):
            yield Finding(name_of_file, line, f"name: function {name!r}; begin with a verb")
        elif kind == "variable" and name in ("one", "found", "said", "told"):
            yield Finding(name_of_file, line, f"name: variable {name!r}; write a noun")


def check_arguments(path: Path, root: Path, name_of_file: str) -> Iterator[Finding]:
    """Yield each argument or field of what a package in `frameworks` exports that has no line in its docstring."""
    for name, line, argument, documented in passages.find_exported_arguments(path, root):
        if not documented:
            yield Finding(name_of_file, line, f"docstring: {name} has no line '{argument}: ...'")


def check(root: Path, only: tuple[str, ...] = (), *, everything: bool = False) -> list[Finding]:
    """Return the findings under a folder, in the order of files.

    only: paths that the files must begin with (default: any).
    everything: report names in tests too (default: False).
    """
    skipped = tuple(RULES["exempt"])
    findings: list[Finding] = []
    for path in passages.list_files(root, only):
        if (name := str(path.relative_to(root))).startswith(skipped):
            continue
        for passage in passages.read(path, root):
            findings += check_passage(passage)
        if path.suffix == ".py":
            findings += check_arguments(path, root, name)
            named = not name.startswith(tuple(RULES["names_kept"])) and (everything or not name.startswith("tests/"))
            findings += check_names(path, name) if named else []
    return findings


def main(arguments: list[str] | None = None) -> int:
    """Print the findings; return 1 if there are any."""
    parser = Parser(prog="python -m tests.harness.prose", description="Check the project's text: words and sentences.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="check only files whose paths begin so (default: all)")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="FOLDER", help="the project (default: this one)")
    parser.add_argument("--all", action="store_true", help="check names in tests, too")
    chosen = parser.parse_args(arguments)
    findings = check(chosen.root, tuple(chosen.paths), everything=chosen.all)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(run_main(main))
