"""python -m parity vectors [--check | --release FOLDER]

Writes the vector files, or reports which of them are not current, or writes the archive for other projects. Exit codes:
0 good, 2 a file cannot be read or written or has a newer format, 4 not current.
"""

from __future__ import annotations

import sys
from pathlib import Path

from frameworks.arguments import Parser
from frameworks.exit_codes import USAGE
from frameworks.generated import parse_arguments, print_stale
from frameworks.whole_files import describe_error, replace_whole
from parity.vectors.check import find_stale
from parity.vectors.files import FOLDER, VectorError, build_documents, format_document, read_text
from parity.vectors.release import write_release


def main(arguments: list[str] | None = None, prog: str = "python -m parity vectors") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write the vector files of parity/vectors.")
    ids = FOLDER / "ids.txt"
    parser.add_argument("--release", type=Path, metavar="FOLDER",
                        help="write the archive of the current files, and its SHA-256, into this folder")
    chosen = parse_arguments(parser, arguments)
    if chosen.check and chosen.release:
        parser.error("argument --release: not allowed with argument --check")
    try:
        if chosen.check or chosen.release:
            code = print_stale(find_stale(FOLDER))
            if chosen.release and not code:
                print(write_release(chosen.release))
            return code
        documents, given = build_documents(read_text(ids))
    except VectorError as error:
        print(error, file=sys.stderr)
        return USAGE
    except OSError as error:
        parser.error(f"argument --release: {error.filename or chosen.release}: {describe_error(error)}")
    texts = {FOLDER / name: format_document(document) for name, document in documents.items()} | {ids: given}
    replace_whole({path: text.encode() for path, text in texts.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
