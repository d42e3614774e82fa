"""Connection to the broker: paho in its own thread, awaited from the event loop.

The thread reconnects by itself; nothing is queued while it is not connected, since the outbox does that.
"""

import asyncio
import ssl
import sys
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from connectors.mqtt_out.client import PermittedClient
from connectors.mqtt_out.config import MqttOutConfig
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.http import reason_of
from opsconductor.connector.settings.trust import broker_trust
from opsconductor.errors import ConnectorError, Rejected, Unreachable

Message = tuple[str, bytes, bool]
"""Topic, payload, and whether it is retained."""
QOS = 1
REFUSED = 128
"""Reason codes from this one on are refusals (MQTT 5 section 2.4)."""
ABOUT_MESSAGE = frozenset({144, 149, 153})
"""Topic name invalid, packet too large, payload format invalid: another attempt does not help."""
CONTENT_TYPE = "application/json"
ONLINE, OFFLINE = b"online", b"offline"
CLOSE_WITHIN_S = 3.0
RETRY_S = (1, 60)
MOST_QUEUED = 1_000


class Broker:
    """One connection, which is opened by `open` and kept until `close`.

    Args of the constructor:
        destinations: The addresses that may be connected to.
        client_id: Ours at the broker.
        changed: Called on the event loop with the reason why there is no connection; empty: there is one.
        presence: False for a check: no last will, nothing is published.
    """

    def __init__(
        self,
        config: MqttOutConfig,
        destinations: Destinations,
        client_id: str,
        changed: Callable[[str], None],
        *,
        presence: bool = True,
    ) -> None:
        self.failure = "is not connected yet"
        self.connected = asyncio.Event()
        self._config = config
        self._changed = changed
        self._status_topic = config.status_topic if presence else None
        self._loop = asyncio.get_running_loop()
        self._is_closing = False
        self._acks: dict[int, asyncio.Future[None]] = {}
        self._is_v5 = config.protocol == "v5"
        self._client = self._made(client_id, destinations)

    async def open(self) -> None:
        """Begin to connect; raises Unreachable if files of `tls` cannot be used."""
        config = self._config
        if config.tls is not None:
            self._client.tls_set_context(await asyncio.to_thread(broker_trust, config.tls))
        self._client.connect_async(config.host, config.port_or_default, int(config.keepalive.total_seconds()))
        self._client.loop_start()

    async def publish(self, make: Callable[[], Sequence[Message]]) -> None:
        """Publish messages in order, and wait for all PUBACKs.

        Args:
            make: Makes them, once there is a connection, so that a state is not older than that.

        Raises:
            Unreachable: No connection, no answer in time, or a refusal that can be corrected.
            Rejected: The broker refuses topic or payload.
        """
        place = self._config.place
        try:
            async with asyncio.timeout(self._config.timeout.total_seconds()):
                await self.connected.wait()
                await asyncio.gather(*[self._sent(*message) for message in make()])
        except TimeoutError:
            reason = self.failure or "does not confirm the message in time"
            raise Unreachable(f"{place} {reason}") from None

    async def close(self) -> None:
        """Publish that we are offline, disconnect, and end the thread."""
        self._is_closing = True
        if self._status_topic is not None and self.connected.is_set():
            said = self._client.publish(self._status_topic, OFFLINE, QOS, retain=True)
            await asyncio.to_thread(_wait_for, said)
        self._client.disconnect()
        ending = asyncio.to_thread(self._client.loop_stop)
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await ending
        except TimeoutError:
            return  # it hangs in the system's resolver or connect; the thread ends with them

    def _made(self, client_id: str, destinations: Destinations) -> paho.Client:
        config = self._config
        version = MQTTProtocolVersion.MQTTv5 if self._is_v5 else MQTTProtocolVersion.MQTTv311
        client = PermittedClient(destinations, client_id=client_id, protocol=version)
        if config.username is not None:
            client.username_pw_set(
                config.username, config.password.get_secret_value() if config.password else None
            )
        if self._status_topic is not None:
            client.will_set(self._status_topic, OFFLINE, QOS, retain=True)
        client.connect_timeout = config.timeout.total_seconds()
        client.reconnect_delay_set(*RETRY_S)
        client.max_inflight_messages_set(config.max_inflight)
        client.max_queued_messages_set(MOST_QUEUED)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        return client

    async def _sent(self, topic: str, payload: bytes, retain: bool) -> None:  # noqa: FBT001
        properties = Properties(PacketTypes.PUBLISH) if self._is_v5 else None  # type: ignore[no-untyped-call]
        if properties is not None:
            properties.ContentType = CONTENT_TYPE
        said = self._client.publish(topic, payload, QOS, retain=retain, properties=properties)
        if said.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise Unreachable(f"{self._config.place} {self.failure or 'has lost the connection'}")
        # its PUBACK comes through the event loop, so not before this line
        waiting = self._acks[said.mid] = self._loop.create_future()
        try:
            await waiting
        finally:
            self._acks.pop(said.mid, None)

    def _call(self, call: Callable[..., None], *arguments: object) -> None:
        """Call a function on the event loop, unless that has ended."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _on_connect(self, client: paho.Client, _: Any, __: Any, reason: ReasonCode, ___: Any) -> None:
        if reason.is_failure:
            self._call(self._is_away, f"refuses the connection: {reason}")
            return
        if self._status_topic is not None:
            client.publish(self._status_topic, ONLINE, QOS, retain=True)
        self._call(self._is_back)

    def _on_connect_fail(self, *_: object) -> None:
        error = sys.exception()  # paho calls this while it handles the error
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = f"has a certificate that is not trusted: {error.verify_message}"
        else:
            reason = f"cannot be connected: {reason_of(error) if isinstance(error, OSError) else 'no reason'}"
        self._call(self._is_away, reason)

    def _on_disconnect(self, _: Any, __: Any, ___: Any, reason: ReasonCode, ____: Any) -> None:
        self._call(self._is_away, f"has ended the connection: {reason}")

    def _on_publish(self, _: Any, __: Any, mid: int, reason: ReasonCode, ___: Any) -> None:
        self._call(self._confirmed, mid, reason)

    def _is_back(self) -> None:
        self.failure = ""
        self.connected.set()
        self._changed("")

    def _is_away(self, failure: str) -> None:
        if self.failure.startswith("refuses") and failure.startswith("has ended"):
            failure = self.failure
        self.failure = failure
        self.connected.clear()
        if not self._is_closing:
            self._changed(failure)
        for waiting in self._acks.values():
            if not waiting.done():
                waiting.set_exception(Unreachable(f"{self._config.place} {failure}"))

    def _confirmed(self, mid: int, reason: ReasonCode) -> None:
        waiting = self._acks.get(mid)
        if waiting is None or waiting.done():
            return
        if reason.value < REFUSED:
            waiting.set_result(None)
        else:
            waiting.set_exception(_refusal(self._config.place, reason))


def _refusal(place: str, reason: ReasonCode) -> ConnectorError:
    text = f"{place} refuses the message: {reason}"
    if reason.value in ABOUT_MESSAGE:
        return Rejected(text)
    return Unreachable(f"{text}; check the broker's access list")


def _wait_for(said: paho.MQTTMessageInfo) -> None:
    try:
        said.wait_for_publish(CLOSE_WITHIN_S / 2)
    except (RuntimeError, ValueError):
        return  # the connection has ended: the last will says the same
