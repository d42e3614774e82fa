"""The real snmptrapd as a receiver of our traps."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.ports import free_port

ANYBODY = "disableAuthorization yes\n[snmp] noPersistentSave yes\n"
FORMAT = "%V|%v\n"
"""Variables with a mark between them, one notification a line."""


@asynccontextmanager
async def snmptrapd(folder: Path, users: str = "") -> AsyncIterator[tuple[int, "asyncio.Queue[str]"]]:
    """Run net-snmp's receiver; yield its port and the notifications, numeric, as lines."""
    conf = folder / "snmptrapd.conf"
    await asyncio.to_thread(conf.write_text, f"{users}\n{ANYBODY}")
    port = free_port(socket.SOCK_DGRAM)
    process = await asyncio.create_subprocess_exec(
        *("snmptrapd", "-f", "-C", "-c", str(conf), "-Lo", "-On", "-n", "-F", FORMAT),
        f"udp:127.0.0.1:{port}",
        env={"SNMP_PERSISTENT_DIR": str(folder), "MIBS": "", "PATH": "/usr/sbin:/usr/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    received: asyncio.Queue[str] = asyncio.Queue()
    reading: asyncio.Task[None] | None = None
    try:
        while b"NET-SNMP version" not in (line := await process.stdout.readline()):
            assert line, "snmptrapd has ended"
        reading = asyncio.create_task(_read(process.stdout, received))
        yield port, received
    finally:
        if process.returncode is None:
            process.terminate()
        if reading is not None:
            await reading
        await process.wait()


async def _read(output: asyncio.StreamReader, received: "asyncio.Queue[str]") -> None:
    while line := await output.readline():
        received.put_nowait(line.decode(errors="replace").rstrip("\n"))
