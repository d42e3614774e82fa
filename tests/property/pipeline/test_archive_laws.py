"""Laws of the sampler: numbers add up, budgets hold, memory is bounded, order is kept."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.config.settings import ArchiveSettings
from opsconductor.model.event import RawEvent
from opsconductor.pipeline import archive
from opsconductor.pipeline.archive import ArchiveSample, Sampler

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MOST_SENDERS = 6

senders = st.tuples(st.sampled_from(["traps", "mqtt"]), st.integers(1, 12).map("10.0.0.{}".format))
batches = st.lists(
    st.tuples(
        st.lists(st.tuples(senders, st.sampled_from([0, 10, 1024, 5000])), max_size=40),
        # clocks are also set back
        st.floats(-100, 100).map(lambda seconds: timedelta(seconds=seconds)),
    ),
    max_size=6,
)
budgets = st.builds(ArchiveSettings, per_sender_per_minute=st.integers(1, 30), per_minute=st.integers(1, 60))


@pytest.fixture(autouse=True, scope="module")
def few_senders() -> None:
    """Make many addresses of few."""
    patch = pytest.MonkeyPatch()
    patch.setattr(archive, "MOST_SENDERS", MOST_SENDERS)
    yield
    patch.undo()


def cost(event: RawEvent) -> int:
    """Return the cost of keeping an event: one, and one more for each whole KiB."""
    return 1 + len(event.payload) // 1024


def events_of(batch: list[tuple[tuple[str, str], int]], now: datetime) -> list[RawEvent]:
    """Make the events of a batch."""
    return [RawEvent(connector, bytes(size), now, peer) for (connector, peer), size in batch]


def sums(batch: list[RawEvent], samples: list[ArchiveSample]) -> Counter[str]:
    """Add up by connector the events that samples represent."""
    found: Counter[str] = Counter()
    for sample in samples:
        found[batch[sample.position].connector] += sample.is_kept + sample.left_out
    return found


@given(budgets, batches)
def test_kept_and_counted_events_add_up(settings: ArchiveSettings, given_batches: object) -> None:
    """Each event is either kept or counted, once and for its connector, in order; memory is bounded."""
    sampler, now = Sampler(settings), START
    for reports, later in given_batches:  # type: ignore[attr-defined]
        now += later
        batch = events_of(reports, now)
        samples = sampler.sample(batch, now)
        assert sums(batch, samples) == Counter(event.connector for event in batch)
        kept = [sample.position for sample in samples if sample.is_kept]
        assert kept == sorted(set(kept))
        assert [s.position for s in samples] == sorted(s.position for s in samples)
        assert sum(not sample.is_kept for sample in samples) <= 2
        assert len(sampler) <= MOST_SENDERS + 2


@given(budgets, batches)
def test_budgets_hold(settings: ArchiveSettings, given_batches: object) -> None:
    """No sender keeps more than the budgets of the elapsed time, and the last event of each batch."""
    sampler, now, spent, worth = Sampler(settings), START, 0, float(settings.per_minute)
    dearest = cost(RawEvent("", bytes(5000), START))
    for reports, later in given_batches:  # type: ignore[attr-defined]
        now += later
        worth += settings.per_minute * max(0.0, later / timedelta(minutes=1))
        batch = events_of(reports, now)
        samples = [s for s in sampler.sample(batch, now) if s.is_kept]
        spent += sum(cost(batch[sample.position]) for sample in samples)
        assert spent <= worth + dearest
        by_sender = Counter[tuple[str, str]]()
        for sample in samples:
            by_sender[batch[sample.position].connector, batch[sample.position].peer] += 1
        # those beyond the known senders share the budget of all
        over_budget = [amount for amount in by_sender.values() if amount > settings.per_sender_per_minute + 1]
        assert not over_budget or len(sampler) >= MOST_SENDERS


@given(batches)
def test_within_the_budgets_everything_is_kept(given_batches: object) -> None:
    """Without a storm the archive has every event."""
    sampler, now = Sampler(ArchiveSettings(per_sender_per_minute=10_000, per_minute=10_000)), START
    for reports, later in given_batches:  # type: ignore[attr-defined]
        now += abs(later)
        batch = events_of(reports, now)
        assert sampler.sample(batch, now) == [
            ArchiveSample(i, is_kept=True, left_out=0) for i in range(len(batch))
        ]
