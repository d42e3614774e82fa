"""Ports of 127.0.0.1 for servers that need theirs before they start."""

import os
import socket
from itertools import count

LOWEST, OF_A_WORKER, WORKERS = 20_000, 1_500, 8
"""Below those that the kernel gives to connections, from 32,768 on, one of which might take it."""
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % WORKERS
_tried = count(os.getpid() % OF_A_WORKER)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return an unused port, another one each time; other workers of the tests have others.

    Args:
        kind: Of TCP or of UDP.
    """
    while True:
        port = LOWEST + _WORKER * OF_A_WORKER + next(_tried) % OF_A_WORKER
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
