"""Examination of what is kept, and for how long."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from opsconductor.config.settings import Settings
from opsconductor.connector.settings.duration import format_duration
from opsconductor.errors import StoreError
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.retention.kept import DataKind, KeptData, read_kept

WITHIN_S = 8.0


async def examine_retention(pool: Pool, settings: Settings, now: datetime) -> Sequence[KeptData]:
    """Return what is kept of every kind of data; nothing if the database does not answer."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await read_kept(pool, kinds_of(settings), now)
    except (StoreError, TimeoutError):
        return ()


def kinds_of(settings: Settings) -> Sequence[DataKind]:
    """Return the kinds of data with the settings in force; open alerts are never deleted."""
    kept, reports = settings.retention, settings.reports
    days = (
        ("closed alerts", ("alerts",), "retention.alerts_days", kept.alerts_days),
        ("raw events", ("raw_events",), "retention.raw_events_days", kept.raw_events_days),
        (
            "notifications",
            ("notification_log",),
            "retention.notification_log_days",
            kept.notification_log_days,
        ),
        ("audit log", ("audit_log",), "retention.audit_days", kept.audit_days),
        ("loss ledger", ("loss_ledger", "daemon_runs"), "retention.ledger_days", kept.ledger_days),
        ("values as measured", ("data_points",), "retention.points_days", kept.points_days),
        ("values of 5 minutes", ("data_points_5m",), "retention.points_5m_days", kept.points_5m_days),
        ("values of an hour", ("data_points_1h",), "retention.points_1h_days", kept.points_1h_days),
        (
            "rows of analyses",
            ("analyses", "analysis_rows", "projections"),
            "retention.analyses_days",
            kept.analyses_days,
        ),
        (
            "reports",
            ("maintenance_reports", "report_jobs", "performance_metrics"),
            "reports.keep_days",
            reports.keep_days,
        ),
        ("states of devices", ("state_snapshots",), "reports.snapshots_days", reports.snapshots_days),
    )
    months = f"{kept.history_months} months"
    return (
        *(
            DataKind(name=name, tables=tables, setting=setting, length=f"{amount} days")
            for name, tables, setting, amount in days
        ),
        DataKind(
            name="history of alerts",
            tables=("alert_history",),
            setting="retention.history_months",
            length=months,
        ),
        DataKind(name="anomalies", tables=("anomalies",), setting="retention.history_months", length=months),
        DataKind(
            name="missing dependencies",
            tables=("dependencies",),
            setting="retention.dependencies",
            length=format_duration(kept.dependencies),
        ),
    )
