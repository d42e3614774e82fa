"""Hypothesis strategies for any `Changes` the engine could make, hostile text included.

Fields are found in the dataclasses: one of a type that is not listed here fails at once.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints
from uuid import UUID

from hypothesis import strategies as st

from opsconductor.model.alert import Alert, NotifiedRecipient, PlannedNotification
from opsconductor.model.aside import AsideKind, SetAside
from opsconductor.model.changes import (
    Changes,
    EngineDocument,
    HistoryEntry,
    NotificationIntent,
    UnmatchedClear,
)
from opsconductor.model.enums import (
    AlertEvent,
    Category,
    HistoryAction,
    Level,
    NotificationKind,
    Priority,
    Severity,
    Status,
)
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey
from opsconductor.model.normalized import RawData
from opsconductor.model.notifications.delivery import AttemptStatus, DeliveryAttempt

HOSTILE = (
    "\0",
    "a\0b",
    "\ud800",  # half a character: careless decoders leave these
    "x\udfff",
    "\u202egnp.exe",
    "\r\nBcc: a@b\x1b[2J",
    "{{ 7*7 }}",
    "'); DROP TABLE alerts;--",
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(HOSTILE)
times = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - the zone comes from the next argument
    timezones=st.just(UTC) | st.integers(-1439, 1439).map(lambda shift: timezone(timedelta(minutes=shift))),
)
documents = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)

BY_HINT: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    bool: st.booleans(),
    int: st.integers(0),
    bytes: st.binary(max_size=20),
    UUID: st.uuids(),
    datetime: times,
    timedelta: st.timedeltas(),
    Mapping[str, object]: documents,
    Mapping[str, object] | None: st.none() | documents,
    Mapping[UUID, datetime]: st.dictionaries(st.uuids(), times, max_size=2),
    Mapping[UUID, RawData]: st.dictionaries(
        st.uuids(), documents.map(lambda document: lambda: document), max_size=2
    ),
}
WORDS = (
    AlertEvent,
    AsideKind,
    AttemptStatus,
    Category,
    HistoryAction,
    Level,
    NotificationKind,
    Priority,
    Severity,
    Status,
)
BY_HINT |= {word: st.sampled_from(word) for word in WORDS}
BY_HINT |= {hint | None: st.none() | strategy for hint, strategy in BY_HINT.items() if isinstance(hint, type)}


def _many(hint: Any) -> None:
    BY_HINT[tuple[hint, ...]] = st.lists(BY_HINT[hint], max_size=2).map(tuple)


def _whole(cls: type) -> st.SearchStrategy[Any]:
    """Build objects of a dataclass with every field drawn, those with a default too."""
    hints = get_type_hints(cls)
    return st.builds(cls, **{field.name: BY_HINT[hints[field.name]] for field in fields(cls)})


_many(str)
_many(datetime)
for _row in (
    NotifiedRecipient,
    PlannedNotification,
    Alert,
    HistoryEntry,
    NotificationIntent,
    ArchivedEvent,
    AcknowledgedKeys,
    ReportedKey,
    SetAside,
    UnmatchedClear,
    DeliveryAttempt,
    EngineDocument,
):
    BY_HINT[_row] = _whole(_row)
    _many(_row)

# every field in some of the examples: all of them in each are more than hypothesis draws
any_changes: st.SearchStrategy[Changes] = st.sets(st.sampled_from(fields(Changes)), max_size=6).flatmap(
    lambda some: st.builds(
        Changes, **{each.name: BY_HINT[get_type_hints(Changes)[each.name]] for each in some}
    )
)
alerts: st.SearchStrategy[Alert] = BY_HINT[Alert]
history: st.SearchStrategy[HistoryEntry] = BY_HINT[HistoryEntry]
intents: st.SearchStrategy[NotificationIntent] = BY_HINT[NotificationIntent]
