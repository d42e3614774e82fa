"""Raw events in the archive: all of them on usual days, samples in a storm, never possible secrets."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from opsconductor.config.settings import ArchiveSettings
from opsconductor.errors import DecodeError
from opsconductor.model.event import ArchivedEvent, RawEvent
from opsconductor.pipeline.archive import Archive
from opsconductor.pipeline.slicing import CooperativeYield

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Recorder:
    """A source that keeps the payload, unless it cannot find the secret in it."""

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the payload."""
        if raw.payload.startswith(b"?"):
            raise DecodeError("truncated")
        return raw.payload.replace(b"secret", b"******")


SOURCES = {"traps": Recorder(), "mqtt": Recorder()}


def events(*payloads: bytes, peer: str = "10.0.0.1", connector: str = "traps") -> list[RawEvent]:
    """Make events of a sender."""
    return [RawEvent(connector, payload, START, peer, "0.0.0.0:162") for payload in payloads]


async def kept(
    archive: Archive, batch: Sequence[RawEvent], now: datetime = START
) -> tuple[ArchivedEvent, ...]:
    """Return what the archive chooses from a batch."""
    return (await archive.keep(batch, SOURCES, now, CooperativeYield())).rows  # type: ignore[arg-type]


async def test_a_source_takes_secrets_out() -> None:
    """The archive has the redacted payload of the source, complete for a replay."""
    (row,) = await kept(Archive(ArchiveSettings()), events(b"secret: linkDown"))
    assert row.payload == b"******: linkDown"
    assert (row.connector, row.peer, row.local) == ("traps", "10.0.0.1", "0.0.0.0:162")
    assert (row.received_at, row.sampled_count) == (START, 0)


async def test_a_possible_secret_is_only_counted() -> None:
    """When the source cannot find the secret, the event is only counted as failed."""
    archive = Archive(ArchiveSettings(per_sender_per_minute=3))
    batch = events(b"?secret", b"fine", b"?", b"left out", b"?latest")
    archived = await archive.keep(batch, SOURCES, START, CooperativeYield())  # type: ignore[arg-type]
    kept_and_counted = [(row.payload, row.sampled_count) for row in archived.rows]
    assert kept_and_counted == [(None, 1), (b"fine", 0), (None, 1), (None, 2)]
    assert archived.counts == {
        ("traps", "archived", ""): 1,
        ("traps", "sampled", ""): 1,
        ("traps", "unarchived", "DecodeError"): 3,
    }
    ((failed, error),) = archived.failed.values()
    assert (failed.payload, str(error)) == (b"?latest", "truncated")


async def test_a_storm_keeps_the_first_and_the_latest_of_each_batch() -> None:
    """Beyond its budget of the minute a sender's latest event represents the others; other senders go on."""
    archive = Archive(ArchiveSettings(per_sender_per_minute=2))
    storm = [b"1", b"2", b"3", b"4", b"5"]
    first = await kept(archive, [*events(*storm), *events(b"other", peer="10.0.0.2")])
    assert [(row.payload, row.sampled_count) for row in first] == [
        (b"1", 0),
        (b"2", 0),
        (b"5", 2),
        (b"other", 0),
    ]
    again = await kept(archive, events(*storm), START + timedelta(seconds=1))
    assert [(row.payload, row.sampled_count) for row in again] == [(b"5", 4)]
    next_minute = await kept(archive, events(*storm), START + timedelta(minutes=1))
    assert [(row.payload, row.sampled_count) for row in next_minute] == [(b"1", 0), (b"2", 0), (b"5", 2)]


async def test_when_all_together_are_too_much_only_numbers_are_kept() -> None:
    """Beyond the budget of all senders one row of each connector has their number."""
    archive = Archive(ArchiveSettings(per_minute=2))
    flood = [event for number in range(10) for event in events(b"x", peer=f"10.0.1.{number}")]
    rows = await kept(archive, [*flood, *events(b"y", connector="mqtt")])
    assert [(row.connector, row.peer, row.payload, row.sampled_count) for row in rows] == [
        ("traps", "10.0.1.0", b"x", 0),
        ("traps", "10.0.1.1", b"x", 0),
        ("traps", "", None, 8),
        ("mqtt", "", None, 1),
    ]
    later = await kept(archive, events(b"z"), START + timedelta(seconds=31))
    assert [row.payload for row in later] == [b"z"]


async def test_large_events_count_for_more() -> None:
    """A sender of 64 kB messages fills no more of the disk than one of small ones."""
    archive = Archive(ArchiveSettings(per_sender_per_minute=100))
    rows = await kept(archive, events(*[bytes(64_000)] * 10))
    assert [row.sampled_count for row in rows] == [0, 0, 7]


async def test_ids_keep_the_order() -> None:
    """Events of one moment are read back in order, also when the clock is set back."""
    archive = Archive(ArchiveSettings(per_sender_per_minute=5_000))
    rows = await kept(archive, events(*[b"x"] * 2_500))
    early = RawEvent("traps", b"y", START - timedelta(hours=1), "10.0.0.1")
    ids = [row.id for row in [*rows, *await kept(archive, [early])]]
    assert ids == sorted(set(ids))
    assert len(ids) == 2_501


async def test_the_archive_can_be_switched_off() -> None:
    """Then nothing is kept and nothing counted."""
    archive = Archive(ArchiveSettings(enabled=False))
    assert await archive.keep(events(b"x"), SOURCES, START, CooperativeYield()) == ((), {}, {})  # type: ignore[arg-type]
