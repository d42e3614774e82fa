"""Starts a program with a socket as systemd does: `python -m tests.soak.lend NUMBER PROGRAM ...`."""

import os
import sys

FIRST_FD = 3


def main() -> None:
    """Put the socket where sd_listen_fds(3) says, and become the program."""
    lent = int(sys.argv[1])
    if lent != FIRST_FD:
        os.dup2(lent, FIRST_FD)
        os.close(lent)
    environment = {**os.environ, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.execvpe(sys.argv[2], sys.argv[2:], environment)  # noqa: S606 - there is no shell to be asked for


if __name__ == "__main__":
    main()
