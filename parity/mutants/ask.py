"""Ask the server on a socket: exit with 0 if it says that a mutant survived. Starts fast: only the standard library."""

import socket
import sys


def main() -> int:
    """Print the end of what the server says."""
    said = b""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(sys.argv[1])
        while more := server.recv(65536):
            said += more
    sys.stdout.write(said.decode(errors="replace")[-2000:])
    return 0 if said.endswith(b"\nsurvived\n") else 1


if __name__ == "__main__":
    sys.exit(main())
