"""Syslog channel: a datagram, or one connection for each message."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from connectors.syslog_out.config import SyslogOutConfig
from connectors.syslog_out.message import framed, message_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.http import reason_of
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.settings.trust import tls_context
from opsconductor.errors import ConnectorError, Unreachable
from opsconductor.model.notifications.notification import Notification, Receipt

END_WITHIN_S = 1.0


class SyslogOutChannel:
    """Sends each notification as one message."""

    def __init__(self, config: SyslogOutConfig, context: ConnectorContext) -> None:
        self._destinations = context.destinations
        self._config = config
        self._tls: ssl.SSLContext | None = None

    async def send(self, notification: Notification) -> Receipt:
        """Send one message. Syslog has no answer: a receiver that loses it is not noticed.

        Raises:
            Unreachable: The name is unknown, the port closed, or the certificate not trusted.
        """
        config = self._config
        message = message_of(notification, config)
        if config.transport == "udp":
            await self._send_datagram(message)
        else:
            framing = "octet_counting" if config.transport == "tls" else config.framing
            async with self._connected() as writer:
                writer.write(framed(message, framing))
                await writer.drain()
        return Receipt(detail=f"{config.place}: sent {len(message)} bytes")

    async def check(self) -> CheckResult:
        """Connect, and send nothing; over UDP only the name can be looked up."""
        try:
            if self._config.transport == "udp":
                await self._send_datagram(None)
            else:
                async with self._connected():
                    pass
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        what = "can be addressed; UDP does not show more" if self._config.transport == "udp" else "connects"
        return CheckResult(ok=True, message=f"{self._config.place} {what}")

    async def close(self) -> None:
        """Do nothing: no connection is kept between messages."""

    async def _send_datagram(self, message: bytes | None) -> None:
        """Send a datagram; None: only look up the name and open a socket."""
        config = self._config
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(config.timeout.total_seconds()):
                sock = await self._destinations.connect(config.host, config.receiver_port, socket.SOCK_DGRAM)
                transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, sock=sock)
                if message is not None:
                    transport.sendto(message)
                transport.close()
        except TimeoutError as error:
            raise Unreachable(f"{config.place}: the name is not resolved in time") from error
        except OSError as error:
            raise Unreachable(f"{config.place}: {_reason(error)}") from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncio.StreamWriter]:
        """Connect and encrypt as configured; at the end wait until the receiver has closed, too."""
        config = self._config
        if self._tls is None and config.transport == "tls":
            self._tls = await asyncio.to_thread(tls_context, verify=config.verify_ssl, ca_file=config.ca_file)
        try:
            async with asyncio.timeout(config.timeout.total_seconds()):
                sock = await self._destinations.connect(config.host, config.receiver_port)
                name = config.host if self._tls else None
                _, writer = await asyncio.open_connection(sock=sock, ssl=self._tls, server_hostname=name)
                try:
                    yield writer
                finally:
                    writer.close()
                    with suppress(OSError, TimeoutError):
                        async with asyncio.timeout(END_WITHIN_S):
                            await writer.wait_closed()
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(
                f"{config.place} has a certificate that is not trusted: {error.verify_message}"
            ) from error
        except TimeoutError as error:
            raise Unreachable(f"{config.place} does not answer in time") from error
        except OSError as error:
            raise Unreachable(f"{config.place} cannot be connected: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """Return the system's message; that of a failed look-up has no number of the system."""
    return str(error.strerror) if isinstance(error, socket.gaierror) else reason_of(error)
