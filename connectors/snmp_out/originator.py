"""Sends traps and informs of v2c and v3 from the event loop.

The authoritative engine of an inform is the receiver's, which is discovered; that of a v3 trap is ours.
"""

import asyncio
import socket
import time
from pathlib import Path

from connectors.snmp_out.config import SnmpOutConfig
from opsconductor.connector.http import reason_of
from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.message import encode
from opsconductor.snmp.notice import SnmpNotice, request_id
from opsconductor.snmp.security.engine import LocalEngine, start_engine
from opsconductor.snmp.security.keys import localized_keys
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.v3_message import scoped_pdu

RESOLVE_WITHIN_S = 10


class Originator:
    """Sends notifications to one receiver.

    Args of the constructor:
        engine_file: Where the ID of our engine and the count of its starts are kept.
    """

    def __init__(self, config: SnmpOutConfig, engine_file: Path) -> None:
        self._config = config
        self._engine_file = engine_file
        self._engine: LocalEngine | None = None
        self._starting = asyncio.Lock()
        self._started_s = time.monotonic()

    @property
    def uptime(self) -> int:
        """The time since the channel was built, in hundredths of a second."""
        return int((time.monotonic() - self._started_s) * 100) & (2**32 - 1)

    async def inform(self, notice: SnmpNotice) -> None:
        """Send an inform and wait for its confirmation.

        Raises:
            Unreachable: No confirmation, or a refusal: users and passwords can be corrected on either side.
        """
        try:
            async with SnmpClient(await self.resolve(), self._config.port, self._config) as client:
                await client.inform(notice)
        except Rejected as error:
            raise Unreachable(str(error)) from error

    async def discover(self) -> None:
        """Ask a v3 receiver for its engine ID; raises Unreachable or Rejected."""
        async with SnmpClient(await self.resolve(), self._config.port, self._config):
            return

    async def trap(self, notice: SnmpNotice) -> None:
        """Send a trap; raises Unreachable if the network refuses it."""
        user = self._config.snmpv3_user
        if user is None:
            community = self._config.community.get_secret_value().encode()
            message = encode.message_v2c(community, notice.pdu(encode.TRAP_V2, request_id()))
        else:
            message = await self._protected(notice)
        address = await self.resolve()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.connect((address, self._config.port))
                sock.send(message)
        except OSError as error:
            raise Unreachable(f"{self._config.place} cannot be reached: {reason_of(error)}") from error

    async def engine(self) -> LocalEngine:
        """Return our engine; the first call counts its start and writes the file.

        Raises:
            Unreachable: The file cannot be read or written.
        """
        async with self._starting:
            if self._engine is None:
                try:
                    now_s = time.monotonic()
                    self._engine = await asyncio.to_thread(start_engine, self._engine_file, now_s)
                except OSError as error:
                    raise Unreachable(f"{self._engine_file}: {reason_of(error)}") from error
            return self._engine

    async def resolve(self) -> str:
        """Return the first address of the receiver; raises Unreachable."""
        place, loop = self._config.place, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESOLVE_WITHIN_S):
                found = await loop.getaddrinfo(self._config.host, self._config.port, type=socket.SOCK_DGRAM)
        except TimeoutError as error:
            raise Unreachable(f"{place}: the name is not resolved in time") from error
        except OSError as error:
            raise Unreachable(f"{place}: {error.strerror or error}") from error
        return str(found[0][4][0])

    async def _protected(self, notice: SnmpNotice) -> bytes:
        """Return a v3 trap, for which our engine is authoritative."""
        assert self._config.snmpv3_user is not None
        user, engine = self._config.snmpv3_user.as_usm_user(), await self.engine()
        auth_key, priv_key = await asyncio.to_thread(localized_keys, user, engine.engine_id)
        protection = Protection(
            user=user,
            level=user.level,
            authority=Authority(
                engine_id=engine.engine_id, boots=engine.boots, time_s=engine.time_s(time.monotonic())
            ),
            auth_key=auth_key,
            priv_key=priv_key,
        )
        number = request_id()
        scoped = scoped_pdu(engine.engine_id, b"", notice.pdu(encode.TRAP_V2, number))
        return protect(protection, scoped, msg_id=number)
