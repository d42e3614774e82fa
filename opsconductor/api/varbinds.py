"""Varbinds of a trap as people see them, from the stored message of its alert; nothing is decoded again."""

from collections.abc import Iterator, Mapping

from opsconductor.api.views import VarbindView
from opsconductor.snmp.message.values import duration_text

VARBINDS, TIME_TICKS = "varbinds", "TimeTicks"


def varbinds_of(raw_data: Mapping[str, object]) -> list[VarbindView]:
    """Return the varbinds of a stored trap in their order; empty: the message is no trap."""
    stored = raw_data.get(VARBINDS)
    return list(_views(stored)) if isinstance(stored, list) else []


def _views(stored: list[object]) -> Iterator[VarbindView]:
    for each in stored:
        if isinstance(each, Mapping) and isinstance(oid := each.get("oid"), str):
            value, kind = each.get("value"), _text(each.get("type")) or ""
            meaning = _text(each.get("meaning")) or (_duration(value) if kind == TIME_TICKS else None)
            yield VarbindView(oid=oid, name=_text(each.get("name")), type=kind, value=value, meaning=meaning)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _duration(value: object) -> str | None:
    return duration_text(value) if isinstance(value, int) else None
