"""How configuration says by which version and with whose name and passwords a device is asked."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from opsconductor.connector.duration import PositiveDuration
from opsconductor.snmp.security.security import (
    AuthProtocol,
    PrivProtocol,
    UsmUser,
    auth_protocol,
    priv_protocol,
)

SHORTEST_PASSWORD = 8
"""RFC 3414 section 11.2; devices do not take shorter ones either."""


def _read_auth(value: object) -> object:
    return auth_protocol(value) if isinstance(value, str) else value


def _read_priv(value: object) -> object:
    return priv_protocol(value) if isinstance(value, str) else value


class TimeWindow(StrEnum):
    """How strictly the clocks of senders are checked (RFC 3414 section 3.2, step 7)."""

    STRICT = "strict"
    RELAXED = "relaxed"


class Snmpv3User(BaseModel):
    """A user of SNMPv3, as configured on the devices; there is no engine ID to type in."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    username: str = Field(min_length=1, max_length=32)
    """Security name; may stand several times with different passwords or protocols."""

    auth_protocol: Annotated[AuthProtocol | None, BeforeValidator(_read_auth)] = None
    """`MD5`, `SHA`, `SHA-224`, `SHA-256`, `SHA-384` or `SHA-512`; null (default): messages of this user
    are not signed."""

    auth_password: SecretStr = SecretStr("")
    """At least 8 characters."""

    priv_protocol: Annotated[PrivProtocol | None, BeforeValidator(_read_priv)] = None
    """`DES`, `3DES`, `AES`, `AES-192` or `AES-256`; null (default): not encrypted. As a listener,
    `AES-192` and `AES-256` take messages of both ways in which makers stretch the key; `AES-192-C` and
    `AES-256-C` only those of Cisco's way. When we ask a device, the name says which way it is."""

    priv_password: SecretStr = SecretStr("")
    """At least 8 characters."""

    time_window: TimeWindow = TimeWindow.STRICT
    """`strict` (default): a signed trap is refused when its sender's clock (engineBoots, engineTime) shows
    that it is more than 150 seconds old. `relaxed`: it is taken all the same, for devices whose clock
    stands still or which do not count their restarts. Whoever has recorded a message of such a device can
    then send it again at any time. Of the trap listener alone; informs are always strict."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.priv_protocol and not self.auth_protocol:
            raise ValueError("priv_protocol needs auth_protocol: SNMPv3 encrypts only what is signed")
        _check_password("auth", self.auth_protocol, self.auth_password)
        _check_password("priv", self.priv_protocol, self.priv_password)
        return self

    def as_usm_user(self) -> UsmUser:
        """Hand the user to the security model, secrets uncovered."""
        return UsmUser(
            username=self.username,
            auth_protocol=self.auth_protocol,
            auth_password=self.auth_password.get_secret_value(),
            priv_protocol=self.priv_protocol,
            priv_password=self.priv_password.get_secret_value(),
            is_replay_accepted=self.time_window is TimeWindow.RELAXED,
        )


def _check_password(what: str, protocol: object, password: SecretStr) -> None:
    length = len(password.get_secret_value())
    if protocol is None and length:
        raise ValueError(f"{what}_password is given but {what}_protocol is not")
    if protocol is not None and length < SHORTEST_PASSWORD:
        raise ValueError(f"{what}_password has {length} characters, at least {SHORTEST_PASSWORD} are needed")


class SnmpVersion(StrEnum):
    """The version of SNMP by which a device is asked."""

    V1 = "v1"
    V2C = "v2c"
    V3 = "v3"


class SnmpAccess(BaseModel):
    """How devices are asked; a connector's own keys stand beside these."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    version: SnmpVersion = SnmpVersion.V2C
    """`v1`, `v2c` (default) or `v3`. With v1 there are no 64-bit counters, and tables are read row by row."""

    community: SecretStr = SecretStr("public")
    """Community of v1 and v2c that may read. Default `public`."""

    snmpv3_user: Snmpv3User | None = None
    """The user of v3; needed with `version: v3`, and only then."""

    timeout: PositiveDuration = timedelta(seconds=2)
    """Seconds to wait for one answer. Default 2: a busy switch takes a second at times."""

    retries: int = Field(default=1, ge=0, le=10)
    """How often a question is asked again when no answer comes. Default 1: packets get lost."""

    @model_validator(mode="after")
    def _has_its_user(self) -> Self:
        is_v3 = self.version is SnmpVersion.V3
        if is_v3 != (self.snmpv3_user is not None):
            raise ValueError("version v3 and snmpv3_user go together")
        if self.snmpv3_user and self.snmpv3_user.time_window is TimeWindow.RELAXED:
            raise ValueError("time_window: relaxed is for the trap listener; take it away here")
        return self
