"""Requests the outcome of a mutant from the server: python -S tests/harness/mutants/client.py SOCKET UNREACHED

Exit codes: 0 a mutant survived, 1 it did not, 2 usage. Imports only the standard library, so that it starts fast. If
the server cannot be reached, the outcome is unknown, and the reason is added to the file UNREACHED.
"""

import socket
import sys

USAGE = "usage: client.py SOCKET UNREACHED"


def main(arguments: list[str]) -> int:
    """Print the end of the server's output; return the exit code."""
    if "-h" in arguments or "--help" in arguments:
        print(USAGE)
        return 0
    if len(arguments) != 2 or any(argument.startswith("-") for argument in arguments):
        print(USAGE, file=sys.stderr)
        return 2
    path, unreached = arguments
    output = b""
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(path)
        except OSError as error:
            with open(unreached, "a") as file:
                print(error, file=file)
            return 1
        while more := server.recv(65536):
            output += more
    sys.stdout.write(output.decode(errors="replace")[-2000:])
    return 0 if output.endswith(b"\nsurvived\n") else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
