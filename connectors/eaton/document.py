"""The document made from a device's answers: numbers in our units, and labels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.eaton.cells import Cell
from connectors.eaton.mibs import UPTIME, Mib
from connectors.eaton.plausibility import (
    ALL_ZERO,
    MOST_DIGITS,
    TemperatureUnit,
    implausible_alarms,
    implausible_together,
    number_of,
)
from connectors.eaton.power import powers_of
from connectors.eaton.readings import Measure, UpsState
from opsconductor.model.text import folded
from opsconductor.snmp.message.plausible import Answer, NoValue

TICKS_PER_S = 100
LONGEST_TEXT = 100
MOST_ROWS = 500
PLACEHOLDER = "means an unknown value"

Rows = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers of a device in one poll.

    Attributes:
        scalars: By OID; None: the device does not have it.
        rows: By column, by instance.
        unread: OIDs and columns that exist but were not answered, or not completely.
        temperature_unit: Unit of its temperatures.
    """

    mib: Mib
    scalars: Mapping[str, Answer | None]
    rows: Mapping[str, Rows] = field(default_factory=dict)
    unread: Sequence[str] = ()
    temperature_unit: TemperatureUnit = TemperatureUnit.CELSIUS


def document_of(answers: Answers) -> dict[str, Any]:
    """Return the document of a device; implausible values are listed separately, with the reason.

    Returns:
        `mib`; `texts`, `measures` (numbers) and `states` (labels), by name; `has_alarms`, whether there is
        an alarm table; `alarms` (each `oid`, and
        `age_s` where known); `cells` (each `name`, `instance`, `state` and `value`; only those with a
        problem); `unread`, the names of values that were not answered (`alarms` for the alarm table);
        `implausible`, the reasons of implausible values, by name, and `strange`, the names of those
        that are not just a placeholder of the card; `temperature_unit`.
    """
    mib, states = answers.mib, dict(_states(answers))
    numbers = {**dict(_largest(answers)), **dict(_measures(answers))}
    measures = {name: number for name, number in numbers.items() if isinstance(number, float)}
    implausible = {name: number.reason for name, number in numbers.items() if isinstance(number, NoValue)}
    implausible |= {
        **implausible_together(measures, states, implausible),
        **dict(_implausible_words(answers)),
    }
    is_dead = ALL_ZERO in implausible.values()
    powers = {} if is_dead else dict(powers_of(mib.powers, answers.rows, states))
    known = {name: number for name, number in measures.items() if name not in implausible}
    return {
        "mib": mib.name,
        "texts": dict(_texts(answers)),
        "measures": {**known, **powers},
        "states": states,
        "implausible": implausible,
        "strange": [name for name, reason in implausible.items() if not reason.endswith(PLACEHOLDER)],
        "temperature_unit": answers.temperature_unit.value,
        "has_alarms": answers.scalars.get(mib.alarm_count) is not None or _has_rows(answers),
        "alarms": list(_alarms(answers)),
        "cells": [row for name, cell in mib.cells.items() for row in _cells(answers, name, cell)],
        "unread": _unread(answers),
    }


def plain_text(value: object) -> str:
    """Return any text of a device as one short printable line."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return folded(text, LONGEST_TEXT)


def _unread(answers: Answers) -> list[str]:
    mib, unread = answers.mib, set(answers.unread)
    named: Sequence[tuple[str, Measure | UpsState | Cell]] = (
        *mib.measures.items(),
        *mib.columns.items(),
        *mib.states.items(),
        *mib.cells.items(),
    )
    names = [name for name, each in named if each.oid in unread]
    return [*(["alarms"] if unread.intersection(mib.alarm_columns) else []), *dict.fromkeys(names)]


def _texts(answers: Answers) -> Iterator[tuple[str, str]]:
    for name, oid in answers.mib.texts.items():
        value = answers.scalars.get(oid)
        if value is not None and not isinstance(value, NoValue) and (text := plain_text(value)):
            yield name, text


def _measures(answers: Answers) -> Iterator[tuple[str, float | NoValue]]:
    for name, measure in answers.mib.measures.items():
        value = answers.scalars.get(measure.oid)
        number = number_of(name, value, measure, answers.temperature_unit)
        if number is not None:
            yield name, number


def _largest(answers: Answers) -> Iterator[tuple[str, float | NoValue]]:
    """Use the largest number of several phases: it is the first to exceed a limit."""
    for name, measure in answers.mib.columns.items():
        numbers = [number_of(name, value, measure) for value in answers.rows.get(measure.oid, {}).values()]
        plausible = [number for number in numbers if isinstance(number, float)]
        if plausible:
            yield name, max(plausible)
        else:
            yield from ((name, number) for number in numbers if isinstance(number, NoValue))


def _states(answers: Answers) -> Iterator[tuple[str, str]]:
    for name, state in answers.mib.states.items():
        word = _word(answers.scalars.get(state.oid), state)
        if word is not None:
            yield name, word


def _implausible_words(answers: Answers) -> Iterator[tuple[str, str]]:
    """Return states, cells and alarms whose value the MIB does not define."""
    for name, state in answers.mib.states.items():
        value = answers.scalars.get(state.oid)
        if isinstance(value, NoValue):
            yield name, value.reason
        elif value is not None and _word(value, state) is None:
            yield name, f"{plain_text(value)} is not a state of the MIB"
    for name, cell in answers.mib.cells.items():
        for value in answers.rows.get(cell.oid, {}).values():
            if isinstance(value, NoValue):
                yield name, value.reason
    if answers.mib.alarm_table:
        rows = list(answers.rows.get(answers.mib.alarm_columns[0], {}).values())
        count = answers.scalars.get(answers.mib.alarm_count)
        if reason := implausible_alarms(count, sum(map(_is_alarm, rows)), rows):
            yield "alarms", reason


def _is_alarm(oid: object) -> bool:
    """Return True if a row of the alarm table names an alarm: an OID of zeros is an empty row."""
    return isinstance(oid, str) and set(oid) != {"0", "."}


def _has_rows(answers: Answers) -> bool:
    return any(answers.rows.get(column) for column in answers.mib.alarm_columns)


def _alarms(answers: Answers) -> Iterator[dict[str, Any]]:
    if not answers.mib.alarm_table:
        return
    alarms, begun = (answers.rows.get(column, {}) for column in answers.mib.alarm_columns)
    for instance, oid in list(alarms.items())[:MOST_ROWS]:
        if _is_alarm(oid):
            age_s = _age_s(answers.scalars.get(UPTIME), begun.get(instance))
            yield {"oid": plain_text(oid), **({} if age_s is None else {"age_s": age_s})}


def _age_s(uptime: object, begun: object) -> float | None:
    """Return the age of an alarm; None: the clocks do not match, because one was reset."""
    if isinstance(uptime, int) and isinstance(begun, int) and 0 <= begun <= uptime:
        return (uptime - begun) / TICKS_PER_S
    return None


def _cells(answers: Answers, name: str, cell: Cell) -> Iterator[dict[str, Any]]:
    values = answers.rows.get(cell.value_oid, {})
    for instance, number in list(answers.rows.get(cell.oid, {}).items())[:MOST_ROWS]:
        word = cell.words.get(number) if isinstance(number, int) else None
        if word in cell.severities:
            shown = _shown(values.get(instance), cell)
            yield {"name": name, "instance": plain_text(instance), "state": word, **shown}


def _shown(value: object, cell: Cell) -> dict[str, str]:
    if value is None or isinstance(value, NoValue):
        return {}
    if isinstance(value, int | float) and cell.unit:
        return {"value": f"{round(value * cell.scale, MOST_DIGITS):g} {cell.unit}"}
    return {"value": plain_text(value)}


def _word(value: object, state: UpsState) -> str | None:
    return state.words.get(value) if isinstance(value, int) else None
