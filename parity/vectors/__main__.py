"""python -m parity vectors [--check]

Writes the vector files, or reports which of them are not current. Exit codes: 0 good, 2 a file cannot be read or has a
newer format, 4 not current.
"""

from __future__ import annotations

import sys

from frameworks.arguments import Parser
from frameworks.exit_codes import USAGE
from frameworks.generated import parse_arguments, print_stale
from frameworks.whole_files import replace_whole
from parity.vectors.check import find_stale
from parity.vectors.files import FOLDER, VectorError, build_documents, format_document, read_text


def main(arguments: list[str] | None = None, prog: str = "python -m parity vectors") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write the vector files of parity/vectors.")
    ids = FOLDER / "ids.txt"
    check = parse_arguments(parser, arguments).check
    try:
        if check:
            return print_stale(find_stale(FOLDER))
        documents, given = build_documents(read_text(ids))
    except VectorError as error:
        print(error, file=sys.stderr)
        return USAGE
    texts = {FOLDER / name: format_document(document) for name, document in documents.items()} | {ids: given}
    replace_whole({path: text.encode() for path, text in texts.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
