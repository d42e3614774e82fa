"""net-snmp's agent as a process on loopback."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_port

START_TIMEOUT_S = 30


@contextmanager
def snmpd(folder: Path, configuration: str) -> Iterator[int]:
    """Run snmpd on a free port, which is yielded.

    Args:
        folder: Of its own; must exist.
        configuration: Lines of snmpd.conf beside the address: users, communities, views.
    """
    port = free_port(socket.SOCK_DGRAM)
    (folder / "snmpd.conf").write_text(f"agentaddress udp:127.0.0.1:{port}\n{configuration}")
    command = ["snmpd", "-f", "-Lf", "log", "-C", "-c", "snmpd.conf", "-p", "pid", "-I", "-smux"]
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "state"), "MIBS": ""}
    process = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while f":{port:04X} " not in Path("/proc/net/udp").read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()
