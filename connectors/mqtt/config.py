"""Configuration of the MQTT source."""

import re
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, SecretStr, Tag, field_validator, model_validator

from connectors.mqtt.preset import Preset
from connectors.mqtt.rule import RuleSection, TopicRule
from opsconductor.connector.settings.duration import Duration, PositiveDuration, parse_duration
from opsconductor.connector.settings.trust import BrokerTls

PORT, TLS_PORT = 1883, 8883
KIB = 1024
GROUP = re.compile(r"[^/+#\0]{1,200}")
NO_HOST = re.compile(r"[\s@/?#]")


def _kind_of_rule(value: Any) -> str:
    is_preset = "preset" in value if isinstance(value, dict) else isinstance(value, Preset)
    return "preset" if is_preset else "rule"


Topic = Annotated[
    Annotated[Preset, Tag("preset")] | Annotated[TopicRule, Tag("rule")], Discriminator(_kind_of_rule)
]


class MqttConfig(RuleSection):
    """Broker, session and topic rules."""

    host: str = Field(min_length=1, max_length=253)
    """Name or address of the broker, without scheme, port and credentials: it is shown in alerts."""

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
    """MQTT client id, under which the broker keeps our session, so each daemon needs its own. Empty
    (default): `opsconductor-` and the connector's name.
    """

    protocol: Literal["v5", "v3.1.1"] = "v5"
    """`v5` (default) also limits messages in flight and their size; `v3.1.1` for old brokers."""

    qos: Literal[0, 1] = 1
    """1 (default): what is not committed here is redelivered. 0: for brokers without QoS 1."""

    session_expiry: Duration = parse_duration("1h")
    """How long the broker keeps messages while we are disconnected (v5; in v3.1.1 the broker decides).
    Default 1h: longer than a restart, short enough not to fill the broker.
    """

    keepalive: PositiveDuration = parse_duration("30s")
    """A broker that is silent for twice as long counts as lost. 5s to 10m; default 30s."""

    connect_timeout: PositiveDuration = parse_duration("10s")
    """For name resolution, connection, TLS and CONNACK together. Default 10s."""

    max_inflight: int = Field(default=1_000, ge=1, le=65_535)
    """QoS 1 messages that may wait for their commit (v5: Receive Maximum). 1,000 (default) are
    some hundred milliseconds of work; beyond it the broker waits.
    """

    max_payload: int = Field(default=256 * KIB, ge=128, le=16 * KIB * KIB)
    """Bytes of a payload; larger messages are rejected (v5: the broker does not send them).
    Default 256 KiB: no alert needs more.
    """

    share: str | None = None
    """Group of a shared subscription (`$share/GROUP/...`): several daemons share the messages between
    them. Brokers send no retained messages then. Null (default): not shared.
    """

    unreachable_after: Duration = parse_duration("30s")
    """A broker unreachable for this long is an alert. Default 30s: longer than a restart."""

    request_rebirth: bool = True
    """Request the birth of Sparkplug B edge nodes (NCMD `Node Control/Rebirth`) when names are missing.
    False: never publish anything; then their metrics are unknown until their next birth.
    """

    topics: tuple[Topic, ...] = Field(min_length=1)
    """Topic rules and presets; each rule evaluates every message of its topic."""

    @field_validator("host")
    @classmethod
    def _is_bare(cls, host: str) -> str:
        if NO_HOST.search(host):
            raise ValueError(
                "must be only a name or an address: port, tls, username and password have keys of their own"
            )
        return host

    @field_validator("keepalive")
    @classmethod
    def _keepalive_is_sensible(cls, keepalive: Duration) -> Duration:
        if not parse_duration("5s") <= keepalive <= parse_duration("10m"):
            raise ValueError("between 5s and 10m")
        return keepalive

    @field_validator("share")
    @classmethod
    def _share_is_a_level(cls, share: str | None) -> str | None:
        if share is not None and not GROUP.fullmatch(share):
            raise ValueError("a name without /, + and #")
        return share

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.password is not None and self.username is None:
            raise ValueError("password requires username")
        assert self.rules
        return self

    @cached_property
    def rules(self) -> tuple[TopicRule, ...]:
        """All rules, those of presets included."""
        return tuple(
            rule
            for topic in self.topics
            for rule in (topic.rules() if isinstance(topic, Preset) else (topic,))
        )

    @property
    def port_or_default(self) -> int:
        """The port, configured or default."""
        return self.port or (PORT if self.tls is None else TLS_PORT)

    @property
    def place(self) -> str:
        """The broker, for texts."""
        return f"{self.host}:{self.port_or_default}"
