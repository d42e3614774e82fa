"""Configuration of the trap listener."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from opsconductor.connector.address import ListenAddress
from opsconductor.snmp.security import AuthProtocol, PrivProtocol, UsmUser, auth_protocol, priv_protocol

MIB = 1024 * 1024
ANY_COMMUNITY = "*"
SHORTEST_PASSWORD = 8
"""RFC 3414 section 11.2; devices do not take shorter ones either."""

Network = IPv4Network | IPv6Network


def _read_auth(value: object) -> object:
    return auth_protocol(value) if isinstance(value, str) else value


def _read_priv(value: object) -> object:
    return priv_protocol(value) if isinstance(value, str) else value


class Section(BaseModel):
    """A part of the configuration: it never changes and refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Snmpv3User(Section):
    """A user of SNMPv3, as configured on the devices; there is no engine ID to type in."""

    username: str = Field(min_length=1, max_length=32)
    """Security name; may stand several times with different passwords or protocols."""

    auth_protocol: Annotated[AuthProtocol | None, BeforeValidator(_read_auth)] = None
    """`MD5`, `SHA`, `SHA-224`, `SHA-256`, `SHA-384` or `SHA-512`; null (default): messages of this user
    are not signed."""

    auth_password: SecretStr = SecretStr("")
    """At least 8 characters."""

    priv_protocol: Annotated[PrivProtocol | None, BeforeValidator(_read_priv)] = None
    """`DES`, `3DES`, `AES`, `AES-192` or `AES-256`; null (default): not encrypted. `AES-192` and
    `AES-256` take messages of both ways in which makers stretch the key; `AES-192-C` and `AES-256-C`
    only those of Cisco's way."""

    priv_password: SecretStr = SecretStr("")
    """At least 8 characters."""

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
        )


def _check_password(what: str, protocol: object, password: SecretStr) -> None:
    length = len(password.get_secret_value())
    if protocol is None and length:
        raise ValueError(f"{what}_password is given but {what}_protocol is not")
    if protocol is not None and length < SHORTEST_PASSWORD:
        raise ValueError(f"{what}_password has {length} characters, at least {SHORTEST_PASSWORD} are needed")


class SnmpTrapConfig(Section):
    """Where to listen for traps and informs, and whom to believe."""

    listen: tuple[ListenAddress, ...] = Field(default=(ListenAddress("0.0.0.0", 1162),), min_length=1)  # noqa: S104
    """Addresses and ports, `0.0.0.0:162` for IPv4, `[::]:162` for IPv6. Default 1162, because 162
    needs a privilege; a socket that systemd passes for the same port is used instead."""

    communities: tuple[SecretStr, ...] = (SecretStr("public"),)
    """Communities of v1 and v2c that are let in. Default `public`, which most devices send; an empty
    list lets in none (SNMPv3 only), `*` lets in every one."""

    networks: tuple[Network, ...] = ()
    """Networks (CIDR) whose senders are let in; empty (default): every address."""

    snmpv3_users: tuple[Snmpv3User, ...] = ()
    """Users of SNMPv3; empty (default): SNMPv3 is refused."""

    trusted_forwarders: tuple[Network, ...] = ()
    """Networks (CIDR) of proxies whose word about the first sender (`snmpTrapAddress.0`) is believed;
    empty (default): nobody's, since everybody can write it."""

    receive_buffer_bytes: int = Field(default=16 * MIB, ge=64 * 1024, le=1024 * MIB)
    """Bytes of traps that the kernel keeps while we are busy. 16 MiB: about 26,000 traps, which bridges
    more than a second of a storm at 20,000/s."""

    @model_validator(mode="after")
    def _listens_once(self) -> Self:
        fixed = [address for address in self.listen if address.port]
        twice = {str(address) for address in fixed if fixed.count(address) > 1}
        if twice:
            raise ValueError(f"listen names {', '.join(sorted(twice))} twice")
        return self
