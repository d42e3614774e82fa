"""The MQTT source: stays connected, receives messages, and acknowledges what is committed."""

import asyncio
from collections.abc import Collection, Sequence

from connectors.mqtt.check import check
from connectors.mqtt.client.broker import reachability_of, write_broker
from connectors.mqtt.client.connect import RECONNECT, connected
from connectors.mqtt.client.connection import BrokerConnection
from connectors.mqtt.client.subscriptions import Subscriptions
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.evaluate import RuleBook
from connectors.mqtt.normalize import normalize
from connectors.mqtt.reception import MqttReceiver
from connectors.mqtt.silence_clock import SilenceClock
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot, rule_scope

STEADY_S = 30.0
"""A connection that lasted this long resets the failure count."""


class MqttSource:
    """Receives messages of one broker until cancelled."""

    def __init__(self, config: MqttConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._rules = RuleBook(config.rules, config.host)
        self._reception = MqttReceiver(self._rules, context, config.max_payload)
        self._clock = SilenceClock(context, self._reception.silences, config.rules)
        self._subscriptions = Subscriptions(config, context)
        self._client_id = config.client_id or f"opsconductor-{context.name}"
        self._failures = 0
        self._connected_at = 0.0
        self._lost_at: float | None = None
        self._is_reported = False

    async def run(self, emit: Emit) -> None:
        """Connect, and reconnect whenever the connection is lost."""
        await self._recall()
        await self._clock.load()
        try:
            while True:
                try:
                    async with connected(self._config, self._context.destinations, self._client_id) as link:
                        await self._serve(link, emit)
                except (Unreachable, Rejected) as error:
                    self._context.report_down(error)
                    await self._note_outage(error, emit)
                await asyncio.sleep(RECONNECT.random_pause_s(self._failures))
        finally:
            self._reception.deliveries.end()
            await self._clock.save()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of a message or silence."""
        return normalize(raw, self._rules)

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the event unchanged: it contains no credentials of ours."""
        return raw.payload

    def abandoned(self, scopes: Collection[str]) -> Collection[str]:
        """Return the scopes of topic rules that are no longer configured."""
        name = self._context.name
        known = {rule_scope(name, scope) for scope in self._rules.scopes()} | {reachability_of(name)}
        return set(scopes) - known

    async def check(self) -> CheckResult:
        """Connect with another client id, subscribe, and disconnect without leaving a session."""
        return await check(self._config, self._context.destinations, self._subscriptions.filters)

    async def _serve(self, link: BrokerConnection, emit: Emit) -> None:
        """Receive messages until the connection ends, which raises Unreachable or Rejected."""
        reception, clock = self._reception, self._clock
        reception.begin(link.acknowledge, is_resumed=link.is_resumed)
        try:
            await self._begin(link, emit)
            with clock:
                while True:
                    messages = await link.receive(clock.wait_s())
                    events = reception.take(messages, clock.now_s()) if messages else []
                    events += reception.silent(clock.now_s())
                    for group, node in reception.take_rebirths():
                        if self._config.request_rebirth:
                            link.ask_for_rebirth(group, node)
                    await self._hand_on(events, emit)
                    reception.note_taken()
                    await asyncio.sleep(0)  # a burst is not to delay other tasks
                    await clock.save_if_due()
        finally:
            reception.deliveries.end()

    async def _begin(self, link: BrokerConnection, emit: Emit) -> None:
        await self._subscriptions.renew(link)
        self._context.report_up()
        self._lost_at = None
        self._connected_at = asyncio.get_running_loop().time()
        self._is_reported = False
        await self._report_broker("", emit)

    async def _note_outage(self, failure: ConnectorError, emit: Emit) -> None:
        """Count a failed attempt; a broker that is unreachable for long is an alert."""
        now = asyncio.get_running_loop().time()
        if self._lost_at is None:
            self._lost_at = now
            if now - self._connected_at > STEADY_S:
                self._failures = 0
        self._failures += 1
        if not self._is_reported and now - self._lost_at >= self._config.unreachable_after.total_seconds():
            self._is_reported = True
            await self._report_broker(str(failure), emit)

    async def _report_broker(self, failure: str, emit: Emit) -> None:
        event = RawEvent(
            connector=self._context.name,
            payload=write_broker(self._config.host, failure),
            received_at=self._context.now(),
        )
        self._context.count("received", "reachability")
        await self._hand_on([event], emit)

    async def _hand_on(self, events: Sequence[RawEvent], emit: Emit) -> None:
        if not events:
            return
        try:
            await emit(events)
        except asyncio.CancelledError:  # of QoS 1 the broker sends them again
            self._context.count("dropped", "stopped_while_full", len(events))
            raise

    async def _recall(self) -> None:
        """Load the keys of committed messages; until then the broker keeps everything."""
        deliveries = self._reception.deliveries
        if deliveries.is_recalled:
            return
        async for keys in self._context.acknowledged():
            if not deliveries.recall(keys):
                break
        deliveries.is_recalled = True
