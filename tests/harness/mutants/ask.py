"""Ask the server on a socket: exit with 0 if it says that a mutant survived, 1 if not.

It starts fast: only the standard library. That the server cannot be reached is no answer: a file beside the socket
says so.
"""

import socket
import sys


def main() -> int:
    """Print the end of what the server says."""
    said = b""
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(sys.argv[1])
        except OSError as error:
            with open(f"{sys.argv[1]}.unreached", "a") as file:
                print(error, file=file)
            return 1
        while more := server.recv(65536):
            said += more
    sys.stdout.write(said.decode(errors="replace")[-2000:])
    return 0 if said.endswith(b"\nsurvived\n") else 1


if __name__ == "__main__":
    sys.exit(main())
