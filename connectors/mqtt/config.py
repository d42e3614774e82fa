"""Configuration of the MQTT source."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, SecretStr, Tag, field_validator, model_validator

from connectors.mqtt.preset import Preset
from connectors.mqtt.rule import RuleSection, TopicRule
from opsconductor.connector.duration import Duration, PositiveDuration, parse_duration

PORT, TLS_PORT = 1883, 8883
KIB = 1024
GROUP = re.compile(r"[^/+#\0]{1,200}")
NO_HOST = re.compile(r"[\s@/?#]")


class Tls(RuleSection):
    """Whom to trust, and who we are."""

    ca_file: Path | None = None
    """PEM file of the authorities to trust. Null (default): those of the system."""

    cert_file: Path | None = None
    """PEM file of our certificate, for brokers that ask for one. Null (default): none."""

    key_file: Path | None = None
    """PEM file of its key. Null (default): the key stands in `cert_file`."""

    key_password: SecretStr | None = None
    """Of an encrypted key. Null (default): it is not encrypted."""

    verify: bool = True
    """False takes any certificate: whoever sits on the way can read and answer. Prefer `ca_file`."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.cert_file is None and (self.key_file or self.key_password):
            raise ValueError("key_file and key_password need cert_file")
        return self


def _kind_of_rule(value: Any) -> str:
    is_preset = "preset" in value if isinstance(value, dict) else isinstance(value, Preset)
    return "preset" if is_preset else "rule"


Topic = Annotated[
    Annotated[Preset, Tag("preset")] | Annotated[TopicRule, Tag("rule")], Discriminator(_kind_of_rule)
]


class MqttConfig(RuleSection):
    """Which broker to listen to, and what its messages mean."""

    host: str = Field(min_length=1, max_length=253)
    """Name or address of the broker, without scheme, port and credentials: it stands in alerts."""

    port: int | None = Field(default=None, ge=1, le=65_535)
    """Null (default): 8883 with `tls`, 1883 without."""

    tls: Tls | None = None
    """TLS settings; `{}` trusts the authorities of the system. Null (default): no TLS, everybody on the way
    can read the password."""

    username: str | None = Field(default=None, min_length=1)
    """Null (default): anonymous, or known by our certificate."""

    password: SecretStr | None = None
    """Give it by reference."""

    client_id: str = Field(default="", max_length=200)
    """Under this name the broker keeps our session while we are away, so each daemon needs its own. Empty
    (default): `opsconductor-` and the connector's name."""

    protocol: Literal["v5", "v3.1.1"] = "v5"
    """`v5` (default) also bounds what is under way and the size of messages; `v3.1.1` for old brokers."""

    qos: Literal[0, 1] = 1
    """1 (default): what is not committed here is sent again. 0: for brokers that cannot do more."""

    session_expiry: Duration = parse_duration("1h")
    """How long the broker keeps messages for us while we are away (v5; with v3.1.1 it decides itself).
    Default 1h: longer than a restart, short enough not to fill it."""

    keepalive: PositiveDuration = parse_duration("30s")
    """A broker that says nothing for twice as long is taken for lost. 5s to 10m; default 30s."""

    connect_timeout: PositiveDuration = parse_duration("10s")
    """For name, connection, TLS and the broker's greeting together. Default 10s."""

    max_inflight: int = Field(default=1_000, ge=1, le=65_535)
    """Messages of QoS 1 that may be on their way to the commit (v5: Receive Maximum). 1,000 (default) are
    some hundred milliseconds of work; beyond it the broker waits."""

    max_payload: int = Field(default=256 * KIB, ge=128, le=16 * KIB * KIB)
    """Bytes of a payload; larger messages are not taken (v5: the broker does not even send them).
    Default 256 KiB: no alert needs more."""

    share: str | None = None
    """Group of a shared subscription (`$share/GROUP/...`): several daemons get each message once between
    them. Brokers send no retained messages then. Null (default): not shared."""

    unreachable_after: Duration = parse_duration("30s")
    """A broker away for so long is an alert itself. Default 30s: a restarted one is no news."""

    request_rebirth: bool = True
    """Ask edge nodes of Sparkplug B for their birth (NCMD `Node Control/Rebirth`) when names are missing.
    False: never publish anything; then their metrics are unknown until they are born anew."""

    topics: tuple[Topic, ...] = Field(min_length=1)
    """Topic rules and presets; each rule looks at every message of its topic."""

    @field_validator("host")
    @classmethod
    def _is_bare(cls, host: str) -> str:
        if NO_HOST.search(host):
            raise ValueError(
                "a name or an address alone: port, tls, username and password have their own keys"
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
            raise ValueError("password needs username")
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
    def told_port(self) -> int:
        """The port, told or usual."""
        return self.port or (PORT if self.tls is None else TLS_PORT)

    @property
    def place(self) -> str:
        """The broker, for texts."""
        return f"{self.host}:{self.told_port}"
