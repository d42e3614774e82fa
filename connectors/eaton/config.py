"""Configuration of the UPS poller."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.eaton.plausibility import TemperatureUnit
from opsconductor.connector.settings.duration import Duration, PositiveDuration
from opsconductor.connector.settings.threshold import Threshold
from opsconductor.model.enums import Severity
from opsconductor.snmp.security.access import SnmpAccess

MOST_TARGETS = 2_000
LONGEST_RUNTIME = timedelta(days=1)


class Thresholds(BaseModel):
    """Thresholds of numbers; null disables one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    battery_capacity_low: float | None = Field(default=30, ge=0, le=100)
    """Percent of charge at or below which it is a warning. Default 30: some minutes are left."""

    battery_capacity_critical: float | None = Field(default=10, ge=0, le=100)
    """Percent of charge at or below which it is critical. Default 10: shut down now."""

    runtime_low: PositiveDuration | None = timedelta(minutes=5)
    """Remaining runtime at or below which it is major. Default 5m: the time needed to shut
    servers down.
    """

    load_warning: float | None = Field(default=80, ge=0, le=300)
    """Percent of load at or above which it is a warning. Default 80: no room for another server."""

    load_critical: float | None = Field(default=95, ge=0, le=300)
    """Percent of load at or above which it is critical. Default 95: the next inrush current overloads it."""

    temp_high: float | None = Field(default=40, ge=-50, le=150)
    """Ambient or battery temperature in degrees Celsius at or above which it is major. Default 40: battery
    ageing doubles with every 10 degrees above 20.
    """

    humidity_high: float | None = Field(default=80, ge=0, le=100)
    """Percent of relative humidity at or above which it is a warning. Default 80: condensation is near."""

    hysteresis: float = Field(default=2, ge=0, le=50)
    """Percent or degrees by which a number must recover before the alert clears. Default 2."""

    runtime_hysteresis: Duration = timedelta(minutes=1)
    """Time by which the remaining runtime must recover before the alert clears. Default 1m."""

    on_battery_major_after: Duration | None = timedelta(minutes=5)
    """Time for which a UPS on battery is a warning before it is major, and thereby a cause: see README.
    Default 5m: most mains failures are shorter. Null: it stays a warning.
    """

    @model_validator(mode="after")
    def _critical_is_worse(self) -> Self:
        low, critical = self.battery_capacity_low, self.battery_capacity_critical
        if low is not None and critical is not None and critical >= low:
            raise ValueError("battery_capacity_critical must be less than battery_capacity_low")
        warning, high = self.load_warning, self.load_critical
        if warning is not None and high is not None and high <= warning:
            raise ValueError("load_critical must be more than load_warning")
        return self

    @property
    def battery_capacity(self) -> Sequence[Threshold]:
        """Thresholds of the charge, in percent."""
        steps = (
            (Severity.WARNING, self.battery_capacity_low),
            (Severity.CRITICAL, self.battery_capacity_critical),
        )
        return [
            Threshold(severity=severity, below=limit, hysteresis=self.hysteresis)
            for severity, limit in steps
            if limit is not None
        ]

    @property
    def runtime(self) -> Sequence[Threshold]:
        """Threshold of the remaining runtime, in seconds."""
        if self.runtime_low is None:
            return ()
        hysteresis = self.runtime_hysteresis.total_seconds()
        return [
            Threshold(severity=Severity.MAJOR, below=self.runtime_low.total_seconds(), hysteresis=hysteresis)
        ]

    @property
    def load(self) -> Sequence[Threshold]:
        """Thresholds of the load, in percent."""
        return [
            *self._above(Severity.WARNING, self.load_warning),
            *self._above(Severity.CRITICAL, self.load_critical),
        ]

    @property
    def temperature(self) -> Sequence[Threshold]:
        """Threshold of temperatures, in degrees Celsius."""
        return self._above(Severity.MAJOR, self.temp_high)

    @property
    def humidity(self) -> Sequence[Threshold]:
        """Threshold of humidities, in percent."""
        return self._above(Severity.WARNING, self.humidity_high)

    def _above(self, severity: Severity, limit: float | None) -> Sequence[Threshold]:
        return (
            [] if limit is None else [Threshold(severity=severity, above=limit, hysteresis=self.hysteresis)]
        )


class UpsTarget(SnmpAccess):
    """One UPS or rack PDU, and its SNMP access."""

    ip: IPv4Address | IPv6Address
    """Address of its network card."""

    port: int = Field(default=161, ge=1, le=65_535)
    """UDP port. Default 161."""

    name: str = Field(default="", max_length=255)
    """Name in alerts if the inventory has none. Default: the address."""

    temperature_unit: TemperatureUnit = TemperatureUnit.CELSIUS
    """Unit of the card's temperatures: `celsius` (default, as in the MIBs), `fahrenheit`, or `tenths`
    of a degree Celsius.
    """

    poll_interval: PositiveDuration | None = None
    """Poll interval. Null (default): the connector's `poll_interval`."""


class EatonConfig(BaseModel):
    """Which UPSs are polled, how often, and the thresholds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: tuple[UpsTarget, ...] = Field(min_length=1, max_length=MOST_TARGETS)
    """The UPSs and rack PDUs."""

    poll_interval: PositiveDuration = timedelta(seconds=60)
    """Poll interval. Default 60s: traps report at once, polls correct."""

    unreachable_after: int = Field(default=2, ge=1, le=100)
    """Polls in a row without an answer after which a UPS is unreachable. Default 2: a packet may get lost."""

    most_at_once: int = Field(default=50, ge=1, le=1000)
    """Requests in flight. Default 50: one packet each for that many UPSs."""

    thresholds: Thresholds = Thresholds()
    """Thresholds of numbers."""

    @model_validator(mode="after")
    def _asks_each_once(self) -> Self:
        twice = [str(ip) for ip, times in Counter(each.ip for each in self.targets).items() if times > 1]
        if twice:
            raise ValueError(f"targets names {', '.join(twice)} twice; each address identifies one UPS")
        return self
