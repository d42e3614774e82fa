"""The alert about daily backups that fail."""

from opsconductor.model.enums import Severity
from opsconductor.selfcheck.watch.trouble import Trouble


def troubles_of_backups(fault: str) -> list[Trouble]:
    """Return what is wrong with the daily backups.

    Args:
        fault: Why the last one failed; empty: it did not.
    """
    if not fault:
        return []
    return [
        Trouble(
            alert_type="application_backup_failed",
            severity=Severity.MAJOR,
            title="Backup Failed - {device_name}",
            message=f"The daily backup failed and is tried again: {fault}",
        )
    ]
