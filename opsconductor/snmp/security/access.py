"""Configuration of SNMP access: version, community, user and timeouts."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from opsconductor.connector.settings.duration import PositiveDuration
from opsconductor.snmp.security.security import (
    AuthProtocol,
    PrivProtocol,
    UsmUser,
    auth_protocol,
    priv_protocol,
)

SHORTEST_PASSWORD = 8
"""RFC 3414 section 11.2; devices reject shorter ones as well."""


def _read_auth(value: object) -> object:
    return auth_protocol(value) if isinstance(value, str) else value


def _read_priv(value: object) -> object:
    return priv_protocol(value) if isinstance(value, str) else value


class TimeWindow(StrEnum):
    """How strictly the clocks of senders are checked (RFC 3414 section 3.2, step 7)."""

    STRICT = "strict"
    RELAXED = "relaxed"


class Snmpv3User(BaseModel):
    """A user of SNMPv3, as configured on the devices; engine IDs need no configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: str = Field(min_length=1, max_length=32)
    """Security name; may occur several times with different passwords or protocols."""

    auth_protocol: Annotated[AuthProtocol | None, BeforeValidator(_read_auth)] = None
    """`MD5`, `SHA`, `SHA-224`, `SHA-256`, `SHA-384` or `SHA-512`; null (default): messages of this user
    are not signed."""

    auth_password: SecretStr = SecretStr("")
    """At least 8 characters."""

    priv_protocol: Annotated[PrivProtocol | None, BeforeValidator(_read_priv)] = None
    """`DES`, `3DES`, `AES`, `AES-192` or `AES-256`; null (default): not encrypted. In the trap listener,
    `AES-192` and `AES-256` accept both methods of key extension that vendors use; `AES-192-C` and
    `AES-256-C` accept only Cisco's. When a device is polled, the name selects the method.
    """

    priv_password: SecretStr = SecretStr("")
    """At least 8 characters."""

    time_window: TimeWindow = TimeWindow.STRICT
    """`strict` (default): a signed trap is refused when its sender's clock (engineBoots, engineTime) shows
    that it is more than 150 seconds old. `relaxed`: it is accepted nevertheless, for devices whose clock
    stands still or which do not count their restarts. A recorded message of such a device can
    then be replayed at any time. Applies to the trap listener only; informs are always strict.
    """

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.priv_protocol and not self.auth_protocol:
            raise ValueError("priv_protocol needs auth_protocol: SNMPv3 encrypts signed messages only")
        _check_password("auth", self.auth_protocol, self.auth_password)
        _check_password("priv", self.priv_protocol, self.priv_password)
        return self

    def as_usm_user(self) -> UsmUser:
        """Return the user for the security model, with its secrets revealed."""
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
        raise ValueError(f"{what}_password has {length} characters, expected at least {SHORTEST_PASSWORD}")


class SnmpVersion(StrEnum):
    """SNMP version used to poll a device."""

    V1 = "v1"
    V2C = "v2c"
    V3 = "v3"


class SnmpAccess(BaseModel):
    """How devices are polled; a connector adds keys of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: SnmpVersion = SnmpVersion.V2C
    """`v1`, `v2c` (default) or `v3`. With v1 there are no 64-bit counters, and tables are read row by row."""

    community: SecretStr = SecretStr("public")
    """Read community of v1 and v2c. Default `public`."""

    snmpv3_user: Snmpv3User | None = None
    """The user of v3; required with `version: v3`, not allowed otherwise."""

    timeout: PositiveDuration = timedelta(seconds=2)
    """Seconds to wait for one answer. Default 2: a busy switch sometimes takes a second."""

    retries: int = Field(default=1, ge=0, le=10)
    """Number of retries when no answer comes. Default 1: packets get lost."""

    @model_validator(mode="after")
    def _has_its_user(self) -> Self:
        is_v3 = self.version is SnmpVersion.V3
        if is_v3 != (self.snmpv3_user is not None):
            raise ValueError("version: v3 requires snmpv3_user, and snmpv3_user requires version: v3")
        if self.snmpv3_user and self.snmpv3_user.time_window is TimeWindow.RELAXED:
            raise ValueError("time_window: relaxed applies to the trap listener only; remove it here")
        return self
