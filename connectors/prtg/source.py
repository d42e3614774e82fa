"""The connector: polls one PRTG server, receives its notifications, and sends acknowledgements."""

import asyncio
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.prtg.check import check
from connectors.prtg.client import PrtgClient, opened
from connectors.prtg.config import PrtgConfig
from connectors.prtg.directory import Directory
from connectors.prtg.listing import Listing
from connectors.prtg.normalize import HELD, HELD_ACKNOWLEDGED, PrtgNormalizer
from connectors.prtg.post import SECRET, fields_of, is_placeholder, known_fields
from connectors.prtg.reading import int_of
from connectors.prtg.sensor import Row, Sensor, sensor_of
from connectors.prtg.state import UNINFORMATIVE, SensorState, state_of_words
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.polling import poll_forever, watched
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import Refused, Rejected, Unreachable
from opsconductor.model.alert import Alert
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot

LAG = timedelta(seconds=5)
"""A list counts as this much older than its request: it may not contain yet what a notification has just
reported.
"""
LOOK_UP_S = 4.0
"""How long a notification waits for PRTG's data of its sensor; then it is accepted without."""
HOSTS_EVERY = 60
"""Polls after which the hosts of devices are read again."""
LONGEST_NOTE = 500
TEST_ANSWER = {
    "message": "The notification arrives and its secret is right."
    " PRTG's test does not fill in its placeholders: it is a notice that ends by itself."
}


class PrtgSource:
    """Source of PRTG's problems; see the README for its limits."""

    def __init__(self, config: PrtgConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._normalizer = PrtgNormalizer(context.name, config)
        self._client: PrtgClient | None = None
        self._directory: Directory | None = None
        self._acknowledged: frozenset[int] = frozenset()
        self._polls = self._failures = 0

    async def run(self, emit: Emit) -> None:
        """Poll until cancelled.

        Raises:
            Unreachable: `ca_file` cannot be used.
        """
        async with opened(self._config, self._context.destinations) as client:
            listing = Listing(self._config, client)
            directory = Directory(listing)
            self._client, self._directory = client, directory

            async def poll() -> Sequence[RawEvent]:
                return await self._poll(listing, directory)

            async def hand_on(events: Sequence[RawEvent]) -> None:
                await self._hand_on(events, emit)

            try:
                ask = watched(poll, self._failed, self._context)
                await poll_forever(ask, self._config.poll_interval, hand_on)
            finally:
                self._client = self._directory = None

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of a poll or a notification."""
        return self._normalizer(raw)

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the event unchanged: it contains no secrets."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Check the server, our credentials and our rights."""
        return await check(self._config, self._context.destinations)

    def is_proven(self, head: Post) -> bool:
        """Check the secret in the URL; return False if it must be in the body.

        Raises:
            Refused: `webhooks_off`, or `wrong_secret` in the URL.
        """
        shown = head.query.get(SECRET, "")
        if shown or self._config.webhook_secret is None:
            self._check_secret(shown)
        return bool(shown)

    async def receive(self, post: Post) -> PostResult:
        """Accept a notification; that of PRTG's test button becomes an alert of its own.

        Raises:
            Refused: `webhooks_off`, `wrong_secret` or `no_sensor`.
            DecodeError: It has no fields.
        """
        fields = fields_of(post.body, post.query)
        self._check_secret(fields.get(SECRET) or post.query.get(SECRET, ""))
        known = known_fields(fields)
        sensor_id = int_of(known.get("sensorid"))
        if sensor_id is None:
            if any(map(is_placeholder, fields.values())):
                event = self._event({"kind": "test"}, post.received_at, peer=post.peer)
                return PostResult(events=[event], answer=TEST_ANSWER)
            raise Refused("no_sensor", "sensorid is missing: add sensorid=%sensorid to the payload", 422)
        row = await self._look_up(sensor_id, now=state_of_words(known.get("status", "")) is None)
        document = {"kind": "post", "fields": known, "row": row}
        return PostResult(events=[self._event(document, post.received_at, peer=post.peer)])

    async def acknowledge(self, alert: Alert, by: str, note: str) -> None:
        """Acknowledge the alarm of a sensor in PRTG, if `acknowledge_back` is set.

        Raises:
            Unreachable: PRTG does not answer; retry.
            Rejected: PRTG does not allow it, or the sensor is not down there.
        """
        sensor_id = int_of(alert.source_alert_id)
        if not self._config.acknowledge_back or sensor_id is None:
            return
        if self._client is None:
            raise Unreachable("the connector is not running")
        text = " ".join(f"OpsConductor, {by}: {note}".split() if note else f"OpsConductor, {by}".split())
        await self._client.order(
            "/api/acknowledgealarm.htm", [("id", str(sensor_id)), ("ackmsg", text[:LONGEST_NOTE])]
        )

    async def _poll(self, listing: Listing, directory: Directory) -> Sequence[RawEvent]:
        asked_at = self._context.now()
        if self._polls % HOSTS_EVERY == 0:
            directory.forget_hosts()
        self._polls += 1
        rows = await directory.learn(await listing.problems())
        sensors = await asyncio.to_thread(lambda: [sensor_of(row) for row in rows])
        held = [self._held(row, sensor) for row, sensor in zip(rows, sensors, strict=True)]
        self._acknowledged = frozenset(
            sensor.id
            for row, sensor in zip(held, sensors, strict=True)
            if sensor.state is SensorState.DOWN_ACKNOWLEDGED or row.get(HELD_ACKNOWLEDGED)
        )
        self._failures = 0
        document = {"kind": "sensors", "taken_at": (asked_at - LAG).isoformat(), "rows": held}
        listed = await asyncio.to_thread(
            self._event, document, self._context.now()
        )  # thousands take a second
        return [listed, self._server_event("")]

    async def _hand_on(self, events: Sequence[RawEvent], emit: Emit) -> None:
        """Count polls as received, like notifications: the loss ledger contains both."""
        self._context.count("received", "poll", len(events))
        try:
            await emit(events)
        except asyncio.CancelledError:
            self._context.count("dropped", "stopped_while_full", len(events))
            raise

    def _held(self, row: Row, sensor: Sensor) -> Row:
        """Add the open alert to a row whose state PRTG does not know now, so that the alert stays open."""
        if sensor.state not in UNINFORMATIVE:
            return row
        devices, alert_type, resource = self._normalizer.identity_of(sensor)
        found = (self._context.severity_of(device, alert_type, resource) for device in devices)
        severity = next((each for each in found if each is not None), None)
        if severity is None:
            return row
        return {**row, HELD: str(severity), HELD_ACKNOWLEDGED: sensor.id in self._acknowledged}

    def _failed(self, error: Unreachable | Rejected) -> Sequence[RawEvent]:
        self._failures += 1
        return [self._server_event(str(error))] if self._failures >= self._config.unreachable_after else []

    def _server_event(self, error: str) -> RawEvent:
        now = self._context.now()
        return self._event({"kind": "server", "taken_at": now.isoformat(), "error": error}, now)

    async def _look_up(self, sensor_id: int, *, now: bool) -> Row | None:
        if self._directory is None or self._failures:
            return None
        try:
            async with asyncio.timeout(LOOK_UP_S):
                return await self._directory.find(sensor_id, now=now)
        except (TimeoutError, Unreachable, Rejected):
            return None

    def _check_secret(self, shown: str) -> None:
        secret = self._config.webhook_secret
        if secret is None:
            raise Refused("webhooks_off", "webhook_secret is not configured, so posts are refused", 403)
        given, right = (text.encode(errors="backslashreplace") for text in (shown, secret.get_secret_value()))
        if not hmac.compare_digest(given, right):
            raise Refused("wrong_secret", "the field or URL parameter secret is missing or wrong", 401)

    def _event(self, document: Mapping[str, Any], received_at: datetime, *, peer: str = "") -> RawEvent:
        raw = RawEvent(
            connector=self._context.name,
            payload=json.dumps(document, separators=(",", ":")).encode(),
            received_at=received_at,
            peer=peer,
            local=document["kind"],
        )
        return raw._replace(parsed=self._normalizer.read(document, raw))
