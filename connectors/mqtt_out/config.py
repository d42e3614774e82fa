"""Configuration of the channel to an MQTT broker."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.mqtt_out.topic import check_topic
from opsconductor.connector.settings.duration import AttemptTimeout, PositiveDuration, parse_duration
from opsconductor.connector.settings.trust import BrokerTls

PORT, TLS_PORT = 1883, 8883
NO_HOST = re.compile(r"[\s@/?#]")


def _checked(topic: str) -> str:
    check_topic(topic)
    return topic


Topic = Annotated[str, AfterValidator(_checked)]


class MqttOutConfig(BaseModel):
    """Broker, and the topics of notifications, states and our own presence."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = Field(min_length=1, max_length=253)
    """Name or address of the broker, without scheme, port and credentials."""

    port: int | None = Field(default=None, ge=1, le=65_535)
    """Null (default): 8883 with `tls`, 1883 without."""

    tls: BrokerTls | None = None
    """TLS settings; `{}` trusts the authorities of the system. Null (default): no TLS, the password is in
    plain text.
    """

    username: str | None = Field(default=None, min_length=1)
    """Null (default): anonymous, or identified by the client certificate."""

    password: SecretStr | None = None
    """A reference to a secret, such as `${env:MQTT_PASSWORD}`."""

    client_id: str = Field(default="", max_length=200)
    """MQTT client id. Empty (default): `opsconductor-out-` and the connector's name."""

    protocol: Literal["v5", "v3.1.1"] = "v5"
    """`v5` (default) also shows when the broker refuses a topic; `v3.1.1` for old brokers."""

    topic: Topic = "opsconductor/notifications/{severity}"
    """Topic of notifications of rules without recipients; a recipient of a rule is such a topic, too."""

    state_topic: Topic | None = "opsconductor/devices/{device}/state"
    """Topic of the retained state of each device. Null: none."""

    status_topic: Topic | None = "opsconductor/status"
    """Retained: `online` while the daemon is connected, `offline` as last will and when it stops. Null:
    none.
    """

    keepalive: PositiveDuration = parse_duration("30s")
    """The broker publishes the last will when it receives nothing for one and a half times as long."""

    timeout: AttemptTimeout = parse_duration("10s")
    """Time limit of one attempt, which is then retried later. At most 55s."""

    max_inflight: int = Field(default=20, ge=1, le=1_000)
    """Messages on their way to the broker at once."""

    @field_validator("host")
    @classmethod
    def _is_bare(cls, host: str) -> str:
        if NO_HOST.search(host):
            raise ValueError(
                "must be only a name or an address: port, tls, username and password have keys of their own"
            )
        return host

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.password is not None and self.username is None:
            raise ValueError("password requires username")
        if self.status_topic is not None and "{" in self.status_topic:
            raise ValueError("status_topic is one topic, without placeholders")
        if self.state_topic is not None and "{device" not in self.state_topic:
            raise ValueError("state_topic needs {device} or {device_ip}: each device has a state of its own")
        return self

    @property
    def port_or_default(self) -> int:
        """The port, configured or default."""
        return self.port or (PORT if self.tls is None else TLS_PORT)

    @property
    def place(self) -> str:
        """The broker, for texts."""
        return f"{self.host}:{self.port_or_default}"


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no topic; empty: the configured one."""
    if text:
        check_topic(text)
