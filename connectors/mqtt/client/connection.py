"""One connection to a broker, from CONNECT to its end, on the event loop.

paho implements MQTT. aiomqtt is not used: it hides whether a message is a duplicate, drops messages when its
queue is full instead of letting the broker wait, and connects in a thread that cannot be stopped.
"""

import asyncio
import struct
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt import MQTTException
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from connectors.mqtt.client.deliveries import Message
from connectors.mqtt.client.failure import hung_up, refusal_of, silent
from connectors.mqtt.client.paho_client import PahoClient
from connectors.mqtt.client.transport import Transport
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.sparkplug import rebirth_request
from opsconductor.errors import ConnectorError, Rejected, Unreachable

PACKETS = 100
"""Packets read before other tasks get to run: some milliseconds."""
BATCH = 100
"""Messages evaluated without a pause: some milliseconds."""
MOST_UNREAD = 20_000
MOST_UNREAD_BYTES = 32 * 1024 * 1024
"""Messages queued here before the broker must wait; the broker drops QoS 0 messages that it cannot send."""
SEND_KEPT, SEND_NO_KEPT = 0, 2
"""Retain handling of MQTT 5 section 3.8.3.1; MQTT 3.1.1 always sends."""
TICK_S = 1.0
BROKEN = (OSError, ValueError, LookupError, TypeError, struct.error, MQTTException)
"""Exceptions raised by paho on a malformed packet."""
CUT_OFF = (
    "has lost the connection; if this recurs, another client may have the same client_id: give each its own"
)
MUTE, KEEP_ALIVE_TIMEOUT = "no longer answers", 141
REFUSED = 128
"""Reason codes from this one on are refusals."""


class BrokerConnection:
    """One connection.

    Attributes:
        is_resumed: The broker has kept our session.
    """

    def __init__(
        self, config: MqttConfig, wire: Transport, client_id: str, *, is_lasting: bool = True
    ) -> None:
        """Prepare a connection.

        Args:
            is_lasting: The broker keeps our session after the connection ends.
        """
        self.is_resumed = False
        self._config = config
        self._wire = wire
        self._is_v5 = config.protocol == "v5"
        self._speaker = PahoClient(config, wire, client_id, is_lasting=is_lasting)
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._subscribed: asyncio.Future[Sequence[ReasonCode]] = self._loop.create_future()
        self._asked: int | None = None
        self._received: deque[Message] = deque()
        self._unread_bytes = 0
        self._wake = asyncio.Event()
        self._ended: ConnectorError | None = None
        self._is_reading = False
        self._ticking: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Send CONNECT and wait for CONNACK; raises Unreachable or Rejected."""
        speaker = self._speaker
        speaker.on_connect = self._on_connect
        speaker.on_disconnect = self._on_disconnect
        speaker.on_subscribe = self._on_subscribe
        speaker.on_message = self._on_message
        speaker.on_socket_register_write = self._on_write
        speaker.on_socket_close = self._on_close
        speaker.send_connect()
        self._watch()
        self._tick()
        await self._connected

    async def subscribe(self, filters: Sequence[str]) -> Sequence[str]:
        """Subscribe, retained messages first; return the filters that the broker refuses.

        Retained messages are requested with QoS 0: mosquitto drops QoS 1 messages beyond its queue (default
        1,000). Both subscriptions are sent together, so that no new message comes in between.
        """
        if self._config.qos and not self._config.share:
            self._ask(filters, 0, SEND_KEPT)
            self._ask(filters, 1, SEND_NO_KEPT)
        else:
            self._ask(filters, self._config.qos, SEND_KEPT)
        limit_s = self._config.connect_timeout.total_seconds()
        try:
            async with asyncio.timeout(limit_s):
                answers = await self._subscribed
        except TimeoutError:
            raise silent(self._config.place, limit_s) from None
        refused = [one for one, code in zip(filters, answers, strict=False) if code.value >= REFUSED]
        if len(refused) == len(filters):
            raise Rejected(
                f"{self._config.place} refuses all subscriptions of {', '.join(refused)[:200]}"
                f" ({answers[0]}): check the broker's access list"
            )
        return refused

    def unsubscribe(self, filters: Sequence[str]) -> None:
        """Unsubscribe from filters."""
        self._speaker.unsubscribe(list(filters))

    def _ask(self, filters: Sequence[str], qos: int, kept: int) -> None:
        options = SubscribeOptions(qos=qos, retainHandling=kept)
        wanted: Any = [(one, options if self._is_v5 else qos) for one in filters]
        code, self._asked = self._speaker.subscribe(wanted)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._ended or hung_up(self._config.place, is_tls=self._config.tls is not None)

    async def receive(self, wait_s: float) -> Sequence[Message]:
        """Return the received messages, none after `wait_s`; raises Unreachable or Rejected at the end."""
        if not self._received:
            if self._ended is not None:
                raise self._ended
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
        messages = [self._received.popleft() for _ in range(min(BATCH, len(self._received)))]
        self._unread_bytes -= sum(len(message.payload) for message in messages)
        is_roomy = len(self._received) < MOST_UNREAD // 2 and self._unread_bytes < MOST_UNREAD_BYTES // 2
        if not self._is_reading and is_roomy:
            self._watch()
        return messages

    def acknowledge(self, mid: int) -> None:
        """Send a PUBACK."""
        self._speaker.ack(mid, 1)

    def ask_for_rebirth(self, group: str, node: str) -> None:
        """Request the birth of a Sparkplug B edge node."""
        self._speaker.publish(f"spBv1.0/{group}/NCMD/{node}", rebirth_request(int(time.time() * 1000)))

    def close(self) -> None:
        """Send DISCONNECT and close the socket."""
        self._ended = self._ended or Unreachable("closed")
        self._pause()
        if self._ticking is not None:
            self._ticking.cancel()
        with suppress(*BROKEN):
            self._speaker.disconnect()
            self._speaker.loop_write()
        self._on_close()
        self._wire.close()

    def _watch(self) -> None:
        if self._ended is None and self._wire.fileno() >= 0:
            self._is_reading = True
            self._loop.add_reader(self._wire.fileno(), self._read)
            self._loop.call_soon(self._read)  # data that is read already triggers no event

    def _pause(self) -> None:
        self._is_reading = False
        if self._wire.fileno() >= 0:
            self._loop.remove_reader(self._wire.fileno())

    def _read(self) -> None:
        try:
            for _ in range(PACKETS):
                if not self._is_reading:
                    return
                self._speaker.loop_read()
                if self._wire.is_dry:
                    return
        except BROKEN as error:
            self._end(self._lost(f"sends data that is not MQTT: {error}"))
        else:
            self._loop.call_soon(self._read)

    def _on_close(self, *_: object) -> None:
        """Remove the descriptor from the loop while it is still open."""
        self._pause()
        if self._wire.fileno() >= 0:
            self._loop.remove_writer(self._wire.fileno())

    def _on_write(self, *_: object) -> None:
        self._loop.call_soon(self._write)

    def _write(self) -> None:
        if self._ended is not None:
            return
        try:
            self._speaker.loop_write()
            if self._wire.flush():
                self._loop.remove_writer(self._wire.fileno())
            else:
                self._loop.add_writer(self._wire.fileno(), self._write)
        except BROKEN as error:
            self._end(self._lost(f"breaks off: {error}"))

    def _tick(self) -> None:
        if self._ended is None:
            self._speaker.loop_misc()
            self._ticking = self._loop.call_later(TICK_S, self._tick)

    def _end(self, failure: ConnectorError) -> None:
        if self._ended is None:
            self._ended = failure
            self._pause()
            self._wake.set()
            for waiting in (self._connected, self._subscribed):
                if not waiting.done():
                    waiting.set_exception(failure)
                    waiting.exception()  # mark as retrieved: there may be no waiter

    def _on_connect(
        self, _: paho.Client, __: object, flags: paho.ConnectFlags, reason: ReasonCode, ___: object
    ) -> None:
        if reason.is_failure:
            self._end(refusal_of(self._config.place, reason))
        elif not self._connected.done():
            self.is_resumed = flags.session_present
            self._connected.set_result(None)

    def _on_disconnect(
        self, _: paho.Client, __: object, flags: paho.DisconnectFlags, reason: ReasonCode, ___: object
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self._end(refusal_of(self._config.place, reason))
        else:
            self._end(self._lost(MUTE if reason.value == KEEP_ALIVE_TIMEOUT else CUT_OFF))

    def _lost(self, reason: str) -> Unreachable:
        if not self._connected.done():
            return hung_up(self._config.place, is_tls=self._config.tls is not None)
        return Unreachable(f"{self._config.place} {reason}")

    def _on_subscribe(
        self, _: paho.Client, __: object, mid: int, reasons: Sequence[ReasonCode], ____: object
    ) -> None:
        if mid == self._asked and not self._subscribed.done():
            self._subscribed.set_result(reasons)

    def _on_message(self, _: paho.Client, __: object, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # no rule looks at it
            topic = ""
        payload = bytes(message.payload)
        self._received.append(Message(topic, payload, message.qos, message.retain, message.dup, message.mid))
        self._unread_bytes += len(payload)
        if len(self._received) >= MOST_UNREAD or self._unread_bytes >= MOST_UNREAD_BYTES:
            self._pause()
        self._wake.set()
