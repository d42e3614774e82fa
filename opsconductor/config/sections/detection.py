"""Settings of the detector of anomalies in measured values."""

from typing import Annotated

from pydantic import Field

from opsconductor.config.provision.declared.rule import ZoneName
from opsconductor.config.section import Section
from opsconductor.connector.settings.duration import PositiveDuration, parse_duration


class DetectionSettings(Section):
    """What the detector may report; rules (`alert_rules`) always alert."""

    enabled: bool = True
    """Whether anomalies are looked for. Rules are evaluated in any case."""

    time_zone: ZoneName = "UTC"
    """Time zone in which people live: hours and weekdays of the seasons are its own."""

    learning: PositiveDuration = parse_duration("14d")
    """How long a series is known before its anomalies may become alerts; until then they are in the
    digest. 14d: two weekends."""

    alerts_per_day: Annotated[float, Field(gt=0, le=10_000)] = 20.0
    """Alerts of the detector a day for the whole installation; what is less unusual is in the
    digest. 20: what a NOC looks at without getting used to it."""

    burst: Annotated[float, Field(ge=1, le=1_000)] = 5.0
    """Alerts that may come at once after a quiet time."""

    site_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of the budget that one site may use, so that it does not hide the others."""

    checkpoint_every: PositiveDuration = parse_duration("5m")
    """Interval of checkpoints in the data directory. 5m: after a crash as much of the log is read again."""
