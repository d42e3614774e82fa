"""When a daily backup is due, which backups are kept, and what the doctor reports of them."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from opsconductor.app.backups import is_due, last_due
from opsconductor.config.sections.backup import BackupSettings
from opsconductor.config.settings import Settings
from opsconductor.selfcheck.doctor.backups import judge_archiving, judge_backups
from opsconductor.store.backups.folder import BackupFile, list_backups, name_of, prune_backups
from opsconductor.store.diagnosis import Archiving
from opsconductor.store.postgres.wal_archive import prune_wal

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def settings_at(at: time, zone: str = "UTC") -> Settings:
    """Return settings with a daily backup at a time."""
    return Settings(backup=BackupSettings(at=at, time_zone=zone))


def made(at: datetime) -> BackupFile:
    """Return a backup made at a time."""
    return BackupFile(path=Path(name_of(at)), made_at=at, bytes=1024**2)


def test_due_once_a_day_and_after_a_missed_time() -> None:
    """A backup is due when the newest is older than the last time of the day, or when there is none."""
    settings = settings_at(time(2, 30))
    assert last_due(settings, NOW) == datetime(2026, 11, 29, 2, 30, tzinfo=UTC)
    assert is_due(settings, None, NOW)
    assert is_due(settings, made(datetime(2026, 11, 29, 2, 29, tzinfo=UTC)), NOW)
    assert not is_due(settings, made(datetime(2026, 11, 29, 2, 30, 5, tzinfo=UTC)), NOW)


def test_the_time_is_of_its_zone_in_summer_and_winter() -> None:
    """02:30 in Berlin is 01:30 UTC in winter and 00:30 UTC in summer."""
    settings = settings_at(time(2, 30), "Europe/Berlin")
    assert last_due(settings, NOW) == datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
    assert last_due(settings, datetime(2026, 7, 1, tzinfo=UTC)) == datetime(2026, 6, 30, 0, 30, tzinfo=UTC)


def test_settings_that_do_not_fit_are_refused() -> None:
    """Archiving WAL without base backups, an unknown zone and a path that needs quoting are faults."""
    for given in (
        {"wal_archive": "/wal"},
        {"time_zone": "Mars/Olympus"},
        {"method": "base", "wal_archive": "/wal of mine"},
    ):
        with pytest.raises(ValidationError):
            BackupSettings.model_validate(given)
    assert BackupSettings.model_validate({"at": 150}).at == time(2, 30)


def test_the_newest_are_kept(tmp_path: Path) -> None:
    """Old backups are deleted by number; other files stay."""
    for day in range(1, 6):
        (tmp_path / name_of(NOW - timedelta(days=day))).write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("mine")
    assert len(prune_backups(tmp_path, 2)) == 3
    kept = [each.made_at for each in list_backups(tmp_path)]
    assert kept == [NOW - timedelta(days=1), NOW - timedelta(days=2)]
    assert (tmp_path / "notes.txt").exists()


def test_wal_older_than_the_oldest_backup_goes(tmp_path: Path) -> None:
    """Segments before the first needed one are deleted, on every timeline; histories stay."""
    names = ["000000010000000000000001", "000000010000000000000002", "000000020000000000000003"]
    for name in names:
        (tmp_path / f"{name}.gz").touch()
    (tmp_path / "00000002.history.gz").touch()
    assert prune_wal(tmp_path, "000000010000000000000002") == 1
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["000000010000000000000002.gz", "00000002.history.gz", "000000020000000000000003.gz"]


def test_the_doctor_reports_the_age_and_a_failing_archive() -> None:
    """The newest backup's age is shown; one older than a day, none, and a failing archiver are bad."""
    (fresh,) = judge_backups([made(NOW - timedelta(hours=3))], NOW)
    assert (fresh.verdict, "the newest is 3h old" in fresh.text) == ("ok", True)
    assert judge_backups([made(NOW - timedelta(days=2))], NOW)[0].verdict == "bad"
    assert judge_backups([], NOW)[0].verdict == "bad"
    failing = Archiving(is_on=True, archived_at=NOW - timedelta(hours=1), failed_at=NOW)
    assert judge_archiving(failing, NOW)[0].verdict == "bad"
    assert judge_archiving(Archiving(is_on=True, archived_at=NOW, failed_at=None), NOW)[0].verdict == "ok"
    assert (
        judge_archiving(Archiving(is_on=False, archived_at=None, failed_at=None), NOW)[0].verdict == "warning"
    )
