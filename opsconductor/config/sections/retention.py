"""Settings of retention: how long past data is kept."""

from pydantic import Field

from opsconductor.config.section import Section
from opsconductor.connector.settings.duration import Duration, parse_duration


class RetentionSettings(Section):
    """Retention of past data; open alerts are never deleted."""

    alerts_days: int = Field(default=365, ge=1)
    """Days that resolved and expired alerts are kept. A year: to compare with the same season."""

    history_months: int = Field(default=13, ge=1)
    """Months that `alert_history` and `anomalies` are kept. 13: one whole year at any time."""

    raw_events_days: int = Field(default=7, ge=1)
    """Days that the raw event archive is kept, beside today. 7: a change can be tested against a whole
    week."""

    notification_log_days: int = Field(default=90, ge=1)
    """Days that records of delivered notifications are kept. 90: a quarter."""

    ledger_days: int = Field(default=90, ge=1)
    """Days that the loss ledger is kept. A quarter: to compare one storm with the last."""

    points_days: int = Field(default=14, ge=2)
    """Days that measured values are kept as they came, beside today. 14: two weeks, to compare each day with
    the same one of last week."""

    points_5m_days: int = Field(default=90, ge=2)
    """Days that aggregates of measured values over 5 minutes are kept. 90: a quarter."""

    points_1h_days: int = Field(default=730, ge=2)
    """Days that hourly aggregates of measured values are kept, by whole months. 730: two years, to compare
    with the same season."""

    dependencies: Duration = parse_duration("7d")
    """How long dependencies and addresses that an inventory no longer lists are kept: such a dependency
    is only an alternative path and suppresses nothing. 7d: a cable unplugged for some days must not remove
    the redundancy."""

    audit_days: int = Field(default=730, ge=1)
    """Days that the audit log is kept. Two years: an audit of the last year can look at the year before."""

    analyses_days: int = Field(default=365, ge=1)
    """Days after which an analysis of a dataset is archived: its results stay, its rows and its picture are
    deleted. A year: to compare with the same season."""
