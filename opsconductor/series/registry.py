"""All series in memory; the tables `metric_series` and `data_sources` have the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from opsconductor.config.sections.series import SeriesSettings
from opsconductor.model.measured.measurement import SeriesKey, SeriesKind
from opsconductor.series.buckets import BUCKETS, bucket_of
from opsconductor.series.points import SeriesDescription
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.series import rows
from opsconductor.store.series.rows import MovedSeries, NewSeries, Row

LIMITED, ACTIVE = "limited", "active"
CREATED_AT_ONCE: Final = 1_000
"""Series, so that a post of new ones does not block the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """A source of series.

    Attributes:
        amount: Number of its series.
        status: `limited`: series were refused because of a bound.
        config: What it is, without secrets.
    """

    id: UUID
    name: str
    amount: int
    status: str
    config: Mapping[str, object] = field(default_factory=dict)


Describe = Callable[[str], Mapping[str, object]]
"""Returns what the source of a name is, JSON-ready; empty: it is not known any more."""


def described_by_name(name: str) -> Mapping[str, object]:
    """Return the facts about a source that its name contains."""
    kind, _, rest = name.partition(":")
    return {kind: rest} if rest else {}


class SeriesRegistry:
    """Knows every series by id and by key, and adds new ones; the only writer of their tables.

    Attributes:
        generation: Changes when an id that was found before may be wrong now.
    """

    def __init__(self, pool: Pool, settings: SeriesSettings) -> None:
        self._pool = pool
        self._describe: Describe = described_by_name
        self._settings = settings
        self._by_id: dict[int, SeriesDescription] = {}
        self._by_key: dict[SeriesKey, int] = {}
        self._buckets: tuple[set[int], ...] = tuple(set() for _ in range(BUCKETS))
        self._sources: dict[str, SourceFacts] = {}
        self.generation = 0

    def __len__(self) -> int:
        return len(self._by_id)

    async def load(self) -> None:
        """Read all series.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        for row in await rows.load_sources(self._pool):
            facts = SourceFacts(**row)
            self._sources[facts.name] = facts
        for row in await rows.load_series(self._pool):
            self._add(described(row))

    def describe(self, series: int) -> SeriesDescription | None:
        """Return a series, or None: there is none with this id."""
        return self._by_id.get(series)

    def find(self, key: SeriesKey) -> int | None:
        """Return the id of a series, or None."""
        return self._by_key.get(key)

    def all(self) -> Sequence[SeriesDescription]:
        """Return all series."""
        return list(self._by_id.values())

    def of_bucket(self, bucket: int) -> Sequence[int]:
        """Return the ids of the series of a bucket."""
        return list(self._buckets[bucket])

    def counters(self) -> list[int]:
        """Return the ids of all counters."""
        return [each.id for each in self._by_id.values() if each.kind is SeriesKind.COUNTER]

    @property
    def sources(self) -> Mapping[str, SourceFacts]:
        """All sources, by name."""
        return self._sources

    @property
    def room(self) -> int:
        """How many series more there may be."""
        return max(0, self._settings.most_series - len(self._by_id))

    def room_of(self, source: str) -> int:
        """Return how many series more a source may have."""
        known = self._sources.get(source)
        own = self._settings.most_series_per_source - (known.amount if known is not None else 0)
        return max(0, min(own, self.room))

    async def create(self, new: Sequence[NewSeries]) -> Sequence[SeriesDescription]:
        """Add series; return them.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        for name in {each.source for each in new} - self._sources.keys():
            kind = (
                "api" if name.startswith("api:") else "upload" if name.startswith("upload:") else "connector"
            )
            config = self._describe(name)
            found = await rows.create_source(self._pool, name, kind, config)
            self._sources[name] = SourceFacts(id=found, name=name, amount=0, status=ACTIVE, config=config)
        added: list[SeriesDescription] = []
        for start in range(0, len(new), CREATED_AT_ONCE):
            added += await self._create(new[start : start + CREATED_AT_ONCE])
        return added

    async def _create(self, new: Sequence[NewSeries]) -> Sequence[SeriesDescription]:
        ids = {name: source.id for name, source in self._sources.items()}
        by_key = {each.key: each for each in new}
        added = []
        for row in await rows.create_series(self._pool, new, ids):
            given = by_key[SeriesKey(row["device"], row["metric"], row["resource"])]
            description = SeriesDescription(
                id=row["id"],
                device=given.key.device,
                device_name=given.device_name,
                device_id=given.device_id,
                metric=given.key.metric,
                resource=given.key.resource,
                unit=given.unit,
                kind=given.kind,
                source=given.source,
                created_at=row["created_at"],
            )
            self._add(description)
            self._count(given.source, 1)
            added.append(description)
        return added

    async def note_limited(self, names: Iterable[str]) -> None:
        """Store that sources have reached a bound; those not named and below it are active again."""
        named = set(names)
        for name, source in list(self._sources.items()):
            status = source.status
            if name in named:
                status = LIMITED
            elif self.room_of(name):
                status = ACTIVE
            if status != source.status:
                await rows.set_source_status(self._pool, source.id, status)
                self._sources[name] = replace(source, status=status)

    def describe_by(self, describe: Describe) -> None:
        """Use another description of sources."""
        self._describe = describe

    async def describe_sources(self) -> None:
        """Store what the sources are now; of one that is not known any more what it was.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        for name, source in list(self._sources.items()):
            config = self._describe(name)
            if config and config != source.config:
                await rows.set_source_config(self._pool, source.id, config)
                self._sources[name] = replace(source, config=config)

    async def move(self, moved: Sequence[MovedSeries]) -> None:
        """Move series to another key of their device; those whose place is taken stay.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        free: dict[SeriesKey, MovedSeries] = {}
        for each in moved:
            key = self._by_id[each.id].key._replace(device=each.device)
            if self._by_key.get(key, each.id) == each.id:
                free.setdefault(key, each)
        if not free:
            return
        await rows.move_series(self._pool, list(free.values()))
        for key, each in free.items():
            old = self._by_id[each.id]
            del self._by_key[old.key]
            self._by_key[key] = each.id
            self._by_id[each.id] = replace(
                old, device=each.device, device_name=each.device_name, device_id=each.device_id
            )
        self.generation += 1

    async def delete(self, ids: Sequence[int]) -> int:
        """Delete series with all their points; return how many existed.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        found = await rows.delete_series(self._pool, ids)
        for series in found:
            description = self._by_id.pop(series, None)
            if description is not None:
                self._by_key.pop(description.key, None)
                self._buckets[bucket_of(series)].discard(series)
                self._count(description.source, -1)
        self.generation += 1
        return len(found)

    def _add(self, description: SeriesDescription) -> None:
        self._by_id[description.id] = description
        self._by_key[description.key] = description.id
        self._buckets[bucket_of(description.id)].add(description.id)

    def _count(self, source: str, amount: int) -> None:
        facts = self._sources[source]
        self._sources[source] = replace(facts, amount=facts.amount + amount)


def described(row: Row) -> SeriesDescription:
    """Return a row of `metric_series` with the name of its source."""
    return SeriesDescription(
        id=row["id"],
        device=row["device"],
        device_name=row["device_name"],
        device_id=row["device_id"],
        metric=row["metric"],
        resource=row["resource"],
        unit=row["unit"],
        kind=SeriesKind(row["kind"]),
        source=row["source"],
        created_at=row["created_at"],
        last_at=row["last_at"],
    )
