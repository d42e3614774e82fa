"""The tasks of backups and reports: those that run until the daemon stops."""

from collections.abc import Coroutine, Mapping

from opsconductor.app.backups import Backups
from opsconductor.app.registry import ConnectorRegistry
from opsconductor.app.reporting.making import Reports
from opsconductor.app.reporting.sending import ReportSender
from opsconductor.app.reporting.states import keep_states
from opsconductor.store.postgres.connection import Pool


def reporting_tasks(
    pool: Pool, backups: Backups, reports: Reports, registry: ConnectorRegistry
) -> Mapping[str, Coroutine[None, None, None]]:
    """Return the tasks by name."""
    return {
        # makes the daily backup
        "backups": backups.keep(),
        # makes the reports of the schedules
        "reports": reports.keep(),
        # sends reports by e-mail
        "report sending": ReportSender(pool, registry.file_sender).keep(),
        # stores the states of devices, deletes old ones and old reports
        "device states": keep_states(pool, reports.settings),
    }
