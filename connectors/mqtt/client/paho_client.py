"""paho on an already open connection, with our session settings."""

from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from connectors.mqtt.client.transport import Transport
from connectors.mqtt.config import MqttConfig

LARGEST_HEADER = 65_536 + 1_024
"""Topic and properties of a message, besides its payload."""


class PahoClient(paho.Client):
    """MQTT client without automatic acknowledgement and without automatic reconnection."""

    def __init__(self, config: MqttConfig, wire: Transport, client_id: str, *, is_lasting: bool) -> None:
        is_v5 = config.protocol == "v5"
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=None if is_v5 else not is_lasting,
            protocol=paho.MQTTv5 if is_v5 else paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self._given = wire
        self._config = config
        self._is_v5 = is_v5
        self._is_lasting = is_lasting

    def send_connect(self) -> None:
        """Send CONNECT."""
        config = self._config
        if config.username is not None:
            password = config.password.get_secret_value() if config.password else None
            self.username_pw_set(config.username, password)
        self.connect(
            config.host,
            config.port_or_default,
            keepalive=int(config.keepalive.total_seconds()),
            clean_start=not self._is_lasting if self._is_v5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=self._session() if self._is_v5 else None,
        )

    def _session(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        expiry = int(self._config.session_expiry.total_seconds()) if self._is_lasting else 0
        properties.SessionExpiryInterval = expiry
        properties.ReceiveMaximum = self._config.max_inflight
        properties.MaximumPacketSize = self._config.max_payload + LARGEST_HEADER
        return properties

    def _create_socket(self) -> Any:
        return self._given
