"""Receives messages over TCP and answers `ok` to each after it is stored."""

import asyncio
import hmac
import socket
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial

from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.errors import DecodeError
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert

from .config import AcmeConfig
from .normalize import REASONS, decode, redacted, report_of

LONGEST_LINE = 65_536
"""In bytes; the sender of a longer line is disconnected."""
MOST_CONNECTIONS = 100


class AcmeSource:
    """Source that listens on one TCP port."""

    def __init__(self, config: AcmeConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._senders: set[asyncio.StreamWriter] = set()
        self._is_listening = False

    async def run(self, emit: Emit) -> None:
        """Listen until cancelled."""
        where = self._config.listen
        receive = partial(self._receive, emit)
        server = await asyncio.start_server(receive, where.host, where.port, limit=LONGEST_LINE)
        try:
            self._is_listening = True
            self._context.report_up()
            await asyncio.Event().wait()
        finally:
            self._is_listening = False
            server.close()
            for sender in self._senders:
                sender.close()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Return the report of one line."""
        return [report_of(raw)]

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the line with the token removed."""
        return redacted(raw)

    async def check(self) -> CheckResult:
        """Check whether the port can be opened, or is open because this connector runs."""
        where = self._config.listen
        if self._is_listening:
            return CheckResult(ok=True, message=f"listens on {where}")
        family = socket.AF_INET6 if where.is_ipv6 else socket.AF_INET
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((where.host, where.port))
            except OSError as error:
                return CheckResult(ok=False, message=f"{where} cannot be opened: {error.strerror}")
        return CheckResult(ok=True, message=f"{where} can be opened")

    async def _receive(self, emit: Emit, reader: asyncio.StreamReader, sender: asyncio.StreamWriter) -> None:
        """Process the lines of one connection."""
        peer = str(sender.get_extra_info("peername")[0])
        if len(self._senders) < MOST_CONNECTIONS:
            self._senders.add(sender)
            with suppress(ConnectionError):
                await self._take_lines(emit, reader, sender, peer)
        self._senders.discard(sender)
        sender.close()

    async def _take_lines(
        self, emit: Emit, reader: asyncio.StreamReader, sender: asyncio.StreamWriter, peer: str
    ) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # longer than LONGEST_LINE
                self._context.count("received")
                self._context.count("undecodable", "too_long")
                return
            if not line:
                return
            self._context.count("received")
            if not self._is_accepted(line, peer):
                continue
            event = RawEvent(
                connector=self._context.name,
                payload=line,
                received_at=self._context.now(),
                peer=peer,
                local=str(self._config.listen),
                on_commit=partial(sender.write, b"ok\n"),
            )
            await emit([event])  # waits while the daemon is full, and so does the sender

    def _is_accepted(self, line: bytes, peer: str) -> bool:
        """Return True if a line can be parsed and carries the token; otherwise count it as rejected."""
        try:
            token = decode(line).get("token")
        except DecodeError as error:
            self._context.count("undecodable", error.reason)
            self._context.rejected(
                peer, error.reason, explanation=REASONS[error.reason], remedy="send one JSON object a line"
            )
            return False
        expected = self._config.token.get_secret_value()
        if isinstance(token, str) and hmac.compare_digest(token.encode(), expected.encode()):
            return True
        self._context.count("refused", "token")
        self._context.rejected(
            peer, "token", explanation="the token is wrong or missing", remedy="compare it with config.token"
        )
        return False
