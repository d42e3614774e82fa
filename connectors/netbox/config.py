"""Configuration of the NetBox inventory."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, field_validator

from opsconductor.connector.settings.duration import PositiveDuration, parse_duration

SHORTEST_INTERVAL = parse_duration("5s")
Rank = Annotated[int, Field(ge=0, le=1_000)]


class NetboxConfig(BaseModel):
    """NetBox server, sync intervals, and directions of cables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    """Address of NetBox as in a browser, with its base path if it has one, without `/api`."""

    token: SecretStr = Field(min_length=1)
    """API token, v1 (40 characters) or v2 (`nbt_...`). Read-only: leave "write enabled" off."""

    verify_ssl: bool = True
    """False accepts any certificate: an attacker on the path can read the token. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): the public ones."""

    timeout: PositiveDuration = parse_duration("30s")
    """For one request. Pages of 500 interfaces take a busy NetBox several seconds."""

    sync_interval: PositiveDuration = parse_duration("1h")
    """Interval of full syncs, at least 5s: they find what the changelog does not contain."""

    changes_interval: PositiveDuration = parse_duration("1m")
    """Interval of reading the changelog, at least 5s; also that of retries after a failed sync."""

    webhook_secret: SecretStr | None = Field(default=None, min_length=8)
    """Secret of NetBox's webhook, which reports changes at once. Null (default): posts are refused."""

    role_ranks: dict[str, Rank] = {}
    """Rank by slug of the device role, `*` and `?` allowed, the first match applies: a device needs those
    of lower rank that it is cabled to. Tried before the built-in ones (core 10 ... end devices 90).
    """

    roots: tuple[str, ...] = ()
    """Names of the devices where the network begins, as seen from the daemon. With them cables are directed
    by the distance from the nearest root instead of by rank. Empty (default): by rank.
    """

    ifindex_field: str = "ifindex"
    """Name of the custom field of interfaces with the SNMP ifIndex, which NetBox itself does not have."""

    @field_validator("url")
    @classmethod
    def _url_is_plain(cls, url: HttpUrl) -> HttpUrl:
        if url.username or url.password or url.query or url.fragment:
            raise ValueError(
                "must contain scheme, host, port and path only, such as https://netbox.example.net"
            )
        return url

    @field_validator("token")
    @classmethod
    def _token_is_one_word(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise ValueError("must be only the token, without Token or Bearer before it and without spaces")
        return token

    @field_validator("sync_interval", "changes_interval")
    @classmethod
    def _interval_is_sensible(cls, interval: PositiveDuration) -> PositiveDuration:
        if interval < SHORTEST_INTERVAL:
            raise ValueError("at least 5s")
        return interval

    @property
    def root(self) -> str:
        """The base URL, without `/api/`."""
        return str(self.url).rstrip("/").removesuffix("/api")

    @property
    def place(self) -> str:
        """Scheme, host and port, for texts."""
        return f"{self.url.scheme}://{self.url.host}:{self.url.port}"
