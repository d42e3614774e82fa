"""Settings of series of measured values."""

from pydantic import Field, PositiveInt

from opsconductor.config.section import Section
from opsconductor.connector.duration import PositiveDuration, parse_duration


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
