"""Periodic test trap through the real port, whose delivery by its channel is awaited.

The daemon provides the mapping and the rule of the canary; they are in no table. Each canary is an alert
of its own, which expires by itself, so that the channel is notified of each once.
"""

import asyncio
import logging
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from connectors.snmp_trap.config import ANY_COMMUNITY, SnmpTrapConfig
from opsconductor import metrics
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.config.sections.watch import CanarySettings
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.errors import OpsConductorError, Rejected, StoreError, Unreachable
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.canary import ALERT_TYPE, RULE_ID, TOKEN_OID, TRAP_OID
from opsconductor.model.enums import Category, Severity
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.snmp.message import tlv
from opsconductor.snmp.notice import SenderV2c, SnmpNotice
from opsconductor.store.notifications.delivered import first_delivery
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
WARM_UP_S = 2.0
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to be replaced, not listened on


class Canary:
    """Sends canaries and records the outcome of the last one.

    Attributes:
        lost: Why the last canary did not arrive; empty: it did, or none was sent yet.
        latency_s: Seconds from sending to delivery of the last that arrived; None: none yet.
    """

    def __init__(
        self,
        settings: CanarySettings,
        pool: Pool,
        connectors: RunningConnectors,
        inventory: Callable[[], InventorySnapshot],
    ) -> None:
        self.lost = ""
        self.latency_s: float | None = None
        self._settings = settings
        self._pool = pool
        self._connectors = connectors
        self._inventory = inventory

    async def fly(self, every: timedelta) -> None:
        """Send one, wait for its delivery, pause; until cancelled."""
        await asyncio.sleep(WARM_UP_S)
        while True:
            started_s = time.monotonic()
            try:
                await self._fly_once()
            except (OpsConductorError, OSError, TimeoutError) as error:
                self._note_lost(str(error))
            await asyncio.sleep(max(0.0, every.total_seconds() - (time.monotonic() - started_s)))

    async def _fly_once(self) -> None:
        token = secrets.token_hex(8)
        address, community = self._target()
        sent_at = datetime.now(UTC)
        peer = await asyncio.to_thread(_send, address, _trap(token, community))
        fingerprint = _fingerprint(peer, token, self._inventory())
        try:
            async with asyncio.timeout(self._settings.within.total_seconds()):
                delivered_at = await self._delivery(fingerprint)
        except TimeoutError:
            within_s = self._settings.within.total_seconds()
            raise Unreachable(
                f"sent to {address}, not delivered by {self._settings.channel} within {within_s:g} s"
            ) from None
        self._note_arrival((delivered_at - sent_at).total_seconds())

    def _target(self) -> tuple[ListenAddress, bytes]:
        """Return the connector's listen address and a community that it accepts.

        Raises:
            Rejected: It does not listen, or accepts no community.
        """
        name = self._settings.connector
        listening: Sequence[ListenAddress] = self._connectors.listening().get(name, ())
        config = self._connectors.config_of(name)
        if not listening or not isinstance(config, SnmpTrapConfig):
            raise Rejected(f"there is no trap connector {name} that listens")
        if not config.communities:
            raise Rejected(f"connector {name} accepts no community, which the canary needs")
        address = listening[0]
        community = config.communities[0].get_secret_value()
        return (
            ListenAddress(ANY_ADDRESS.get(address.host, address.host), address.port),
            b"public" if community == ANY_COMMUNITY else community.encode(),
        )

    async def _delivery(self, fingerprint: str) -> datetime:
        """Wait until the channel has delivered the notification."""
        while True:
            try:
                delivered_at = await first_delivery(self._pool, fingerprint, self._settings.channel)
            except StoreError:
                delivered_at = None
            if delivered_at is not None:
                return delivered_at
            await asyncio.sleep(LOOK_EVERY_S)

    def _note_lost(self, reason: str) -> None:
        metrics.canaries.labels("lost").inc()
        if not self.lost:
            log.error("the canary is lost", extra={"connector": self._settings.connector, "reason": reason})
        self.lost = reason

    def _note_arrival(self, latency_s: float) -> None:
        metrics.canaries.labels("delivered").inc()
        metrics.canary_latency_seconds.set(latency_s)
        if self.lost:
            log.info("the canary is delivered again", extra={"seconds": round(latency_s, 3)})
        self.lost = ""
        self.latency_s = latency_s


def canary_mapping(settings: CanarySettings) -> list[OidMapping]:
    """Return the mapping of the canary's trap; none if there are no canaries."""
    if settings.every is None:
        return []
    return [
        OidMapping(
            oid_pattern=TRAP_OID,
            alert_type=ALERT_TYPE,
            category=Category.APPLICATION,
            default_severity=Severity.INFO,
            title_template="Canary - {device_name}",
            description="A test trap that OpsConductor has sent to itself.",
            resource_expression=f"canary={{{TOKEN_OID}}}",
            expires_after=settings.within,
        )
    ]


def canary_rule(settings: CanarySettings) -> list[NotificationRule]:
    """Return the rule that notifies the canary's channel; none if there are no canaries."""
    if settings.every is None:
        return []
    channel = RuleChannel(channel=settings.channel, recipients=settings.recipients or ("",))
    conditions = Conditions(alert_type=(ALERT_TYPE,))
    return [NotificationRule(id=RULE_ID, name="canary", channels=(channel,), conditions=conditions)]


def _trap(token: str, community: bytes) -> bytes:
    uptime = int(time.monotonic() * 100) % (1 << 32)
    varbind = (f"{TOKEN_OID}.0", tlv.OCTET_STRING, token.encode())
    return SenderV2c(community=community).trap(
        SnmpNotice(trap_oid=TRAP_OID, uptime=uptime, varbinds=[varbind])
    )


def _send(address: ListenAddress, message: bytes) -> str:
    """Send a datagram; return its source address."""
    family, kind, protocol, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)[
        0
    ]
    with socket.socket(family, kind, protocol) as sock:
        sock.connect(where)
        sock.send(message)
        return str(sock.getsockname()[0])


def _fingerprint(peer: str, token: str, inventory: InventorySnapshot) -> str:
    """Return the fingerprint of the alert that the trap will become."""
    now = datetime.now(UTC)
    alert = NormalizedAlert(
        source_system="",
        alert_type=ALERT_TYPE,
        category=Category.APPLICATION,
        severity=Severity.INFO,
        title="",
        occurred_at=now,
        received_at=now,
        device_ip=peer,
        resource=f"canary={token}",
    )
    return identify([alert], inventory)[0].fingerprint
