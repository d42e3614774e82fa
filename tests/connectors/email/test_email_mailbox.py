"""Connections to a mailbox are closed, however the server behaves."""

import asyncio
import gc
from pathlib import Path

import pytest

from connectors.email.config import Replies
from connectors.email.mailbox import check_mailbox
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import Unreachable
from tests.support.certificates import make_certificates

ANSWERS = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", b"LOGIN": b"", b"SELECT": b"", b"LOGOUT": b""}


@pytest.mark.parametrize(
    ("lost_at", "error"), [(b"LOGOUT", None), (b"SELECT", Unreachable), (b"LOGIN", Unreachable)]
)
async def test_a_server_that_is_lost_leaves_no_open_connection(
    tmp_path: Path, lost_at: bytes, error: type[Exception] | None
) -> None:
    """Python warns of an open socket when it is collected, and a warning is an error here."""
    certificates = make_certificates(tmp_path)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, command = line.split()[:2]
            if command == lost_at:
                break
            writer.write(ANSWERS[command] + tag + b" OK done\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=certificates.server_context()) as server:
        replies = Replies.model_validate(
            {
                "host": "localhost",
                "port": server.sockets[0].getsockname()[1],
                "username": "noc",
                "password": "a-mailbox-password",
                "ca_file": certificates.ca_file,
            }
        )
        checking = asyncio.to_thread(check_mailbox, replies, Destinations())
        if error is None:
            await checking
        else:
            with pytest.raises(error):
                await checking
    gc.collect()
