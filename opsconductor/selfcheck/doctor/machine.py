"""Findings on the host and the process: disk, clock, certificates, event loop."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsconductor.app.status.loop_blocks import LoopBlock
from opsconductor.app.status.system_info import GIB, Disk, KernelClock, disk_fault, is_low
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.selfcheck.watch.blocks import UNBLOCK, text_of_blocks
from opsconductor.selfcheck.watch.disk import MAKE_WRITABLE, UNWRITABLE

EXPIRES_SOON = timedelta(days=30)
CERTIFICATE_KEYS = ("ca_file", "certificate_file", "cert_file")


def judge_disk(disk: Disk) -> DoctorFinding:
    """Return the finding on the disk of the data directory."""
    if not disk.is_writable:
        return bad("disk", UNWRITABLE.format(path=disk.path), MAKE_WRITABLE)
    remedy = "make room, or lower the retention.* settings"
    if fault := disk_fault(disk):
        return bad("disk", fault, remedy)
    text = f"{disk.free / GIB:,.1f} of {disk.total / GIB:,.1f} GiB are free for {disk.path}"
    return warning("disk", text, remedy) if is_low(disk) else ok("disk", text)


def judge_clock(clock: KernelClock | None) -> DoctorFinding:
    """Return the finding on clock synchronization."""
    remedy = "timedatectl set-ntp true, or install chrony"
    if clock is None:
        return warning("clock", "the kernel does not report whether its clock is synchronized", remedy)
    if not clock.is_synchronized:
        return warning("clock", "the clock of this host is not synchronized", remedy)
    return ok("clock", f"synchronized, at most {clock.largest_error_s:.3f} s off")


def judge_blocks(blocks: Sequence[LoopBlock]) -> list[DoctorFinding]:
    """Return the finding on an event loop that was blocked in the last hour."""
    if not blocks:
        return []
    text = f"within the last hour the event loop was blocked for {text_of_blocks(blocks)}"
    return [warning("daemon", text, UNBLOCK)]


def certificate_files(configs: Mapping[str, Mapping[str, object]]) -> list[tuple[str, Path]]:
    """Return the certificates named in the configuration of connectors: connector and file."""
    return [
        (name, Path(str(config[key])))
        for name, config in configs.items()
        for key in CERTIFICATE_KEYS
        if config.get(key)
    ]


def judge_certificates(files: Iterable[tuple[str, Path]], now: datetime) -> list[DoctorFinding]:
    """Return findings on the expiry of certificates; a file holds one or more."""
    return [_certificate(connector, path, now) for connector, path in files]


def _certificate(connector: str, path: Path, now: datetime) -> DoctorFinding:
    from cryptography import x509  # noqa: PLC0415 - 25 ms that only a daemon with certificates costs

    try:
        ends_at = min(each.not_valid_after_utc for each in x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no certificate in PEM form"
        return bad("certificates", f"{connector}: {path} cannot be read: {reason}", "put the file there")
    text = f"{connector}: {path} is valid until {ends_at.astimezone(UTC):%Y-%m-%d}"
    if ends_at <= now:
        return bad("certificates", f"{connector}: {path} expired on {ends_at:%Y-%m-%d}", "renew it")
    if ends_at - now < EXPIRES_SOON:
        return warning("certificates", text, "renew it")
    return ok("certificates", text)
