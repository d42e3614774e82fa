"""Settings of series of measured values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, HttpUrl, PositiveInt, SecretStr, field_validator, model_validator

from opsconductor.config.section import Section
from opsconductor.connector.settings.duration import PositiveDuration, parse_duration


class ExternalSettings(Section):
    """A Prometheus-compatible store (Prometheus, Mimir, VictoriaMetrics) that has the values as well."""

    write_url: HttpUrl | None = None
    """Address for remote write 1.0, such as `http://prometheus:9090/api/v1/write`. Null (default): nothing
    is written."""

    read_url: HttpUrl | None = None
    """Address of `query_range`, such as `http://prometheus:9090/api/v1/query_range`. Null (default): nothing
    is read."""

    token: SecretStr | None = None
    """Bearer token; a reference such as `${env:NAME}` is allowed. Null (default): none."""

    username: str = ""
    """User of basic authentication. Empty (default): none."""

    password: SecretStr | None = None
    """Password of `username`; a reference is allowed."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): those of the system."""

    queue_points: int = Field(default=500_000, ge=10_000, le=10_000_000)
    """Values that wait while the store does not take them. 500,000: five minutes of 100,000 series a minute;
    beyond, the oldest are dropped and counted."""

    @field_validator("write_url", "read_url")
    @classmethod
    def _has_no_secret(cls, given: HttpUrl | None) -> HttpUrl | None:
        if given is not None and (given.username or given.password):
            raise ValueError("an address without user and password: set username and password")
        return given

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        if self.token and (self.username or self.password):
            raise ValueError("token and username exclude each other: set one of them")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password belong together: set both")
        return self


class SeriesSettings(Section):
    """Bounds on measured values; `retention` says how long they are kept."""

    most_series: PositiveInt = Field(default=250_000, le=2_000_000)
    """Series of all sources together. 250,000: about 250 MB of memory, most of it for the hour of points that
    is not packed yet."""

    most_series_per_source: PositiveInt = Field(default=150_000, le=2_000_000)
    """Series of one source (a connector, an API key). What a source sends beyond is refused and raises an
    alert: mostly something that changes all the time, such as a session id, has become part of the resource.
    """

    queue_points: PositiveInt = Field(default=500_000, ge=1_000, le=10_000_000)
    """Points that wait to be written. 500,000: five minutes of 100,000 series a minute while PostgreSQL is
    away; beyond, the oldest are dropped and counted. Posts wait for the write and are answered 503 instead.
    """

    future: PositiveDuration = parse_duration("10m")
    """How far in the future a time may be. 10m: clocks without NTP; anything beyond is refused."""

    external: ExternalSettings = ExternalSettings()
    """A store that has the values as well."""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, given: object) -> object:
        """Treat `external` in which everything is commented out as absent."""
        if not isinstance(given, Mapping):
            return given
        return {key: value for key, value in given.items() if not (key == "external" and value is None)}
