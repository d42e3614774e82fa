"""MQTT channel: publishes notifications, and the retained state of their devices."""

import asyncio
from collections.abc import Sequence

from connectors.mqtt_out.broker import Broker, Message
from connectors.mqtt_out.config import MqttOutConfig, check_recipient
from connectors.mqtt_out.message import notification_payload, state_payload
from connectors.mqtt_out.topic import topic_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import device_of, fact
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.model.notifications.notification import Notification, Receipt


class MqttOutChannel:
    """Publishes with QoS 1 over one lasting connection."""

    def __init__(self, config: MqttOutConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._client_id = config.client_id or f"opsconductor-out-{context.name}"
        self._broker: Broker | None = None

    async def work(self) -> None:
        """Stay connected until cancelled, so that the broker knows whether the daemon runs."""
        broker = Broker(self._config, self._context.destinations, self._client_id, self._changed)
        await broker.open()
        self._broker = broker
        try:
            await asyncio.Event().wait()
        finally:
            self._broker = None
            await asyncio.shield(broker.close())

    async def send(self, notification: Notification) -> Receipt:
        """Publish one notification, and the state of its device.

        Raises:
            Unreachable: No connection, no PUBACK in time, or a refusal that can be corrected.
            Rejected: The recipient is no topic, or the broker refuses the message.
        """
        config, broker = self._config, self._broker
        try:
            check_recipient(notification.recipient)
        except ValueError as error:
            raise Rejected(str(error)) from error
        if broker is None:
            raise Unreachable(f"{config.place} is not connected yet")
        topic = topic_of(notification.recipient or config.topic, notification)
        await broker.publish(lambda: self._messages(topic, notification))
        return Receipt(detail=f"{config.place}: confirmed {topic}", metadata={"topic": topic})

    async def check(self) -> CheckResult:
        """Connect with a client id of its own, and publish nothing."""
        place = self._config.place
        client_id = f"{self._client_id}-check"[:200]
        broker = Broker(self._config, self._context.destinations, client_id, lambda _: None, presence=False)
        try:
            await broker.open()
            try:
                await broker.publish(tuple)
            finally:
                await broker.close()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        return CheckResult(
            ok=True, message=f"{place} accepts the connection; access to topics shows a message"
        )

    async def close(self) -> None:
        """Do nothing: `work` has closed the connection."""

    def _messages(self, topic: str, notification: Notification) -> Sequence[Message]:
        messages = [(topic, notification_payload(notification), False)]
        if self._config.state_topic is not None and device_of(notification):
            device = fact(notification, "device_ip") or device_of(notification)
            state = state_payload(notification, self._context.alerts_of(device), self._context.now())
            messages.append((topic_of(self._config.state_topic, notification), state, True))
        return messages

    def _changed(self, failure: str) -> None:
        if failure:
            self._context.report_down(Unreachable(f"{self._config.place} {failure}"))
        else:
            self._context.report_up()
