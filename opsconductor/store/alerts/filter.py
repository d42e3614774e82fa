"""Filter and order of alerts: what a list, its sums, a bulk command and an export choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opsconductor.model.enums import OPEN_STATUSES, Category, Priority, Severity, Status
from opsconductor.store.alerts.conditions import SqlConditions
from opsconductor.store.alerts.lacking import LACKS, Lacking
from opsconductor.store.alerts.rows import RowClause, RowConditions
from opsconductor.store.alerts.search import TERM_FOUND, WORDS_FOUND, terms_of, words_query
from opsconductor.store.queries import load

SQL = load("alerts/alerts")

BY_CODE_POINT = ("device_name", "title", "source_system", "alert_type")
"""Columns that are compared by code points, whatever the database's collation; `device_ip` is declared so."""
SORTS: Mapping[str, str] = {
    **{
        column: column
        for column in (
            "severity", "occurred_at", "received_at", "last_occurrence_at", "acknowledged_at", "resolved_at",
            "occurrence_count", "priority", "status", "category", "impacted", "device_ip",
        )
    },
    **{column: f'{column} COLLATE "C"' for column in BY_CODE_POINT},
}  # fmt: skip
"""Sort keys of alerts with their SQL; text by code points, whatever the database's collation."""

URGENT_FIRST = ("priority", "-severity", "-occurred_at")
"""Order of open alerts: priority, then severity, then newest."""
NEWEST_FIRST = ("-occurred_at",)

LARGEST_TREE = 200_000
"""Maximum number of indirect consequences examined for one list, those near the cause first."""

FEW_DEVICES = 20
SHOWN_ID = 8
"""Number of characters at the end of an id that tables show."""
LONGEST_INDEXED = 100
"""Number of characters of a resource in its index."""

CLOSED = tuple(status for status in Status if status not in OPEN_STATUSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Filter of alerts; within a field any value matches, an empty field matches all.

    Attributes:
        device: Name or address of the device, as the alert has it.
        device_key: The same, of all devices of a site or a role; None: any device.
        without: What the alert lacks, all of it.
        other_device: Keys of devices that have the site or the role that `without` excludes.
        possible_ip: Addresses of alerts other than those devices; None: they are not known yet.
        is_hidden: Whether a maintenance window hides it.
        alert_type: Alert types; `*` stands for any characters.
        correlated_to_id: The nearest cause.
        root_id: A cause at any distance.
        tag: One of its tags.
        acknowledged: It has been acknowledged, or has not; None: either.
        is_cause: Others are suppressed because of it, or none is; None: either.
        search: Terms between spaces; see `alert_search`.
        indexed_terms: Number of terms of `search`, the first, that the index of words looks up; None: all.
        id_part: Of the id as text: the beginning, the end, or the beginning of its last eight characters.
        since: The earliest `occurred_at`.
        until: `occurred_at` is before this; likewise the others.
        rows: What the caller is limited to.
    """

    status: tuple[Status, ...] = ()
    severity: tuple[Severity, ...] = ()
    category: tuple[Category, ...] = ()
    priority: tuple[Priority, ...] = ()
    device_ip: tuple[str, ...] = ()
    source_system: tuple[str, ...] = ()
    is_hidden: tuple[bool, ...] = ()
    resource: tuple[str, ...] = ()
    assigned_to: tuple[str, ...] = ()
    correlated_to_id: tuple[UUID, ...] = ()
    root_id: tuple[UUID, ...] = ()
    device: tuple[str, ...] = ()
    device_key: frozenset[str] | None = None
    without: tuple[Lacking, ...] = ()
    other_device: frozenset[str] = frozenset()
    possible_ip: frozenset[str] | None = None
    alert_type: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    acknowledged: bool | None = None
    is_cause: bool | None = None
    search: str = ""
    indexed_terms: int | None = None
    id_part: str = ""
    since: datetime | None = None
    until: datetime | None = None
    last_since: datetime | None = None
    last_until: datetime | None = None
    resolved_since: datetime | None = None
    resolved_until: datetime | None = None
    rows: RowConditions = ()

    @property
    def is_sharp(self) -> bool:
        """Return whether a condition usually leaves few alerts, which its index finds."""
        return bool(
            self.device or self.device_ip or self.id_part or self.correlated_to_id or self.root_id
            or any(
                chosen is not None and len(chosen) <= FEW_DEVICES
                for chosen in (self.device_key, self.possible_ip)
            )
        )  # fmt: skip

    @property
    def closed_statuses(self) -> tuple[Status, ...]:
        """Return the statuses of closed alerts that match."""
        return tuple(status for status in CLOSED if not self.status or status in self.status)


CHOICES = (
    "status", "severity", "category", "priority", "device_ip", "source_system", "is_hidden", "resource",
    "assigned_to", "correlated_to_id",
)  # fmt: skip
"""Fields of an alert for which a filter lists the matching values."""

TIMES: Mapping[str, tuple[str, str]] = {
    "since": ("occurred_at", ">="),
    "until": ("occurred_at", "<"),
    "last_since": ("last_occurrence_at", ">="),
    "last_until": ("last_occurrence_at", "<"),
    "resolved_since": ("resolved_at", ">="),
    "resolved_until": ("resolved_at", "<"),
}
"""Limits of a filter: the column, and how it compares."""


def closed_conditions(wanted: AlertFilter) -> SqlConditions:
    """Return the conditions on closed alerts, which are one partition of the table."""
    found = SqlConditions()
    if wanted.closed_statuses != CLOSED:
        found.add("status = ANY({})", list(wanted.closed_statuses))
    _add_choices(found, wanted)
    _add_devices(found, wanted)
    _add_patterns(found, wanted.alert_type)
    if wanted.tag:
        found.add("tags && {}::text[]", list(wanted.tag))
    if wanted.acknowledged is not None:
        found.parts.append(f"acknowledged_at IS {'NOT ' if wanted.acknowledged else ''}NULL")
    if wanted.is_cause is not None:
        found.parts.append(f"impacted {'>' if wanted.is_cause else '='} 0")
    if wanted.root_id:
        condition = SQL["below"].format(causes="{}", limit=LARGEST_TREE)
        found.add(condition, list(wanted.root_id))
    _add_search(found, wanted)
    _add_id(found, wanted.id_part.lower())
    for column in dict.fromkeys(column for column, _ in TIMES.values()):
        if limits := time_condition(wanted, column, found):
            found.parts.append(limits)
    add_rows(found, wanted.rows)
    return found


def time_condition(wanted: AlertFilter, column: str, found: SqlConditions) -> str:
    """Return the limits of a time; empty: there are none."""
    return " AND ".join(
        f"{limited} {sign} {found.parameter(moment)}"
        for name, (limited, sign) in TIMES.items()
        if limited == column and (moment := getattr(wanted, name)) is not None
    )


def leading_condition(wanted: AlertFilter, found: SqlConditions) -> str:
    """Return the condition with the index that has its alerts by time; empty: there is none."""
    if len(wanted.alert_type) == 1 and "*" not in wanted.alert_type[0]:
        return f"{SORTS['alert_type']} = {found.parameter(wanted.alert_type[0])}"
    for column in ("source_system", "severity", "category", "priority"):
        chosen = getattr(wanted, column)
        if len(chosen) == 1:
            return f"{SORTS[column]} = {found.parameter(chosen[0])}"
    if len(wanted.closed_statuses) == 1:
        return f"status = {found.parameter(wanted.closed_statuses[0])}"
    return "impacted > 0" if wanted.is_cause else ""


def _add_choices(found: SqlConditions, wanted: AlertFilter) -> None:
    if wanted.is_hidden == (True,):
        found.parts.append("false")  # the end of an alert is the end of its muting
    for column in CHOICES:
        if column not in ("status", "is_hidden") and (chosen := getattr(wanted, column)):
            _add_choice(found, column, chosen)


def _add_choice(found: SqlConditions, column: str, chosen: Sequence[object]) -> None:
    if column == "resource" and all(0 < len(str(text)) < LONGEST_INDEXED for text in chosen):
        # the same; the index has the beginning, and nothing of what has no resource
        found.add(f"resource <> '' AND left(resource, {LONGEST_INDEXED}) = ANY({{}})", list(chosen))
        return
    found.add(f"{SORTS.get(column, column)} = ANY({{}})", list(chosen))


def _add_devices(found: SqlConditions, wanted: AlertFilter) -> None:
    for names in (wanted.device or None, wanted.device_key):
        if names is not None:
            chosen = sorted(names)
            found.add(f"(device_ip = ANY({{}}) OR {SORTS['device_name']} = ANY({{}}))", chosen, chosen)
    found.parts += [LACKS[each].sql for each in wanted.without if each in LACKS]
    if wanted.other_device:
        others, name = sorted(wanted.other_device), SORTS["device_name"]
        if wanted.possible_ip is None:
            found.add(f"COALESCE(device_ip, {name}) <> ALL({{}})", others)
        else:
            addresses = sorted(wanted.possible_ip)
            found.add(
                f"(device_ip = ANY({{}}) OR (device_ip IS NULL AND {name} <> ALL({{}})))", addresses, others
            )


def add_rows(found: SqlConditions, rows: RowConditions) -> None:
    """Add what a caller is limited to."""
    for group in rows:
        parts = [" AND ".join(_clause(found, clause) for clause in clauses) for clauses in group]
        found.parts.append(f"({' OR '.join(parts)})")


def _clause(found: SqlConditions, clause: RowClause) -> str:
    """Return the condition that `RowClause.has` is in memory."""
    keys = found.parameter(sorted(clause.devices))
    parts = [
        f"device_ip = ANY({keys})",
        f"(device_ip IS NULL AND {SORTS['device_name']} = ANY({keys}))",
        *(f"custom_fields @> {found.parameter(each)}" for each in clause.documents()),
    ]
    if clause.tag:
        parts.append(f"tags && {found.parameter(sorted(clause.tag))}::text[]")
    return f"({' OR '.join(parts)})"


def _add_patterns(found: SqlConditions, patterns: Sequence[str]) -> None:
    """Add the alert types; a pattern is literal text, so that the index serves its beginning."""
    plain = [pattern for pattern in patterns if "*" not in pattern]
    parts = [f"{SORTS['alert_type']} = ANY({found.parameter(plain)})"] if plain else []
    for pattern in patterns:
        if "*" in pattern:
            escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            parts.append(f"{SORTS['alert_type']} LIKE {found.parameter(escaped.replace('*', '%'))}")
    if parts:
        found.parts.append(f"({' OR '.join(parts)})")


def _add_search(found: SqlConditions, wanted: AlertFilter) -> None:
    terms = terms_of(wanted.search)
    if indexed := terms[: wanted.indexed_terms]:
        found.add(WORDS_FOUND, words_query(indexed))
    if others := terms[len(indexed) :]:
        found.add(f"({WORDS_FOUND}) IS TRUE", words_query(others))  # as a filter, which meets no index
    for term in terms:
        found.add(TERM_FOUND, term)


def _add_id(found: SqlConditions, part: str) -> None:
    if not part:
        return
    end = 'right(id::text, 8) COLLATE "C"'
    if len(part) <= SHOWN_ID:
        found.add(
            f"(id BETWEEN {{}}::uuid AND {{}}::uuid OR {end} LIKE {{}})", *_uuids_from(part), part + "%"
        )
        return
    found.add(
        f"(id BETWEEN {{}}::uuid AND {{}}::uuid OR ({end} = {{}} AND right(id::text, {len(part)}) = {{}}))",
        *_uuids_from(part),
        part[-SHOWN_ID:],
        part,
    )


def has_id(alert_id: UUID, part: str) -> bool:
    """Return whether an id begins or ends like this; of the end that tables show the beginning is enough."""
    text = str(alert_id)
    if len(part) > SHOWN_ID:
        return text.startswith(part) or text.endswith(part)
    return text.startswith(part) or text[-SHOWN_ID:].startswith(part)


def _uuids_from(part: str) -> tuple[str, str]:
    """Return the smallest and the largest id that begin like this; those of nothing if none can."""
    digits = part.replace("-", "")
    low, high = UUID(digits.ljust(32, "0")[:32]), UUID(digits.ljust(32, "f")[:32])
    if str(low)[: len(part)] != part:
        return str(high), "00000000-0000-0000-0000-000000000000"
    return str(low), str(high)
