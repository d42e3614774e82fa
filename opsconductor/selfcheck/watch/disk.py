"""Alerts on the disk of the data directory; pure."""

from collections.abc import Iterator

from opsconductor.app.status.system_info import Disk, disk_fault
from opsconductor.model.enums import Severity
from opsconductor.selfcheck.watch.trouble import Trouble

UNWRITABLE = "{path} cannot be written: its disk is read-only, or its owner or rights have changed"
MAKE_WRITABLE = "look at the kernel's log (dmesg), repair and remount the disk, restore owner and rights"


def troubles_of_disk(disk: Disk) -> Iterator[Trouble]:
    """Return what is wrong with the disk."""
    if not disk.is_writable:
        yield Trouble(
            alert_type="application_disk_unwritable",
            severity=Severity.MAJOR,
            title="Data Directory Cannot Be Written - {device_name}",
            message=f"{UNWRITABLE.format(path=disk.path)}. Nothing can be stored while the database is away, "
            f"and a restart fails: {MAKE_WRITABLE}.",
        )
    if fault := disk_fault(disk):
        yield Trouble(
            alert_type="application_disk_full",
            severity=Severity.MAJOR,
            title="Disk Is Nearly Full - {device_name}",
            message=fault,
        )
