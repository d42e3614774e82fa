"""Suggestions for the search of the list: values of filters that contain what has been typed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from heapq import nsmallest
from operator import attrgetter
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import NO_NUL, Parameters
from opsconductor.api.http.responses import answer
from opsconductor.api.open_alerts import LiveState, ask_live
from opsconductor.api.opened.index import Move, OpenEntry, OpenIndex
from opsconductor.api.views import View
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.store.alerts.filter import AlertFilter

Kind = Literal["device", "site", "role", "alert_type", "tag", "source_system", "assigned_to"]
Value = tuple[Kind, str]

MOST_OF_A_KIND = 5
COUNTED = attrgetter("device_ip", "device_name", "alert_type", "source_system", "tags", "assigned_to")
"""What of an alert is suggested."""


class SuggestionParameters(Parameters):
    """What has been typed."""

    text: Annotated[str, Field(max_length=100), NO_NUL] = ""


class SuggestionView(View):
    """A value of a filter."""

    kind: Kind = Field(description="Name of the filter.")
    value: str
    alerts: int = Field(description="Open alerts that have it; 0: a device, site or role of the inventory.")


class KeptValues:
    """Values of the open alerts that a caller may see, and of the inventory, kept between questions."""

    def __init__(self, inventory: InventorySnapshot, rows: AlertRows, entries: Collection[OpenEntry]) -> None:
        """Count the alerts of each value.

        Args:
            rows: With conditions, values that only the inventory has are not suggested.
        """
        self._inventory = inventory
        self._rows = rows
        known = () if rows.conditions else inventory.devices
        self._known = dict.fromkeys(
            value for device in known for value in _values_of(device.name, device.site, device.role)
        )
        self._amounts: dict[Value, int] = dict.fromkeys(self._known, 0)
        self._folded = {value: value[1].casefold() for value in self._known}
        for entry in entries:
            if rows.has(entry.alert):
                self._count(COUNTED(entry.alert), 1)

    def follow(self, moves: Sequence[Move]) -> bool:
        """Count what has changed."""
        for _, old, new in moves:
            before, after = self._counted(old), self._counted(new)
            if before != after:
                if before is not None:
                    self._count(before, -1)
                if after is not None:
                    self._count(after, 1)
        return True

    def having(self, text: str) -> list[SuggestionView]:
        """Return the values that contain a text.

        Those that begin with it come first, then those with the most alerts, at most five of each kind.

        Args:
            text: In lower case.
        """
        folded, amounts = self._folded, self._amounts
        found: dict[Kind, list[Value]] = {}
        for value, compared in folded.items():
            if text in compared:
                found.setdefault(value[0], []).append(value)

        def place(value: Value) -> tuple[bool, int, str]:
            return not folded[value].startswith(text), -amounts[value], value[1]

        chosen = [
            value for of_kind in found.values() for value in nsmallest(MOST_OF_A_KIND, of_kind, key=place)
        ]
        return [
            SuggestionView(kind=value[0], value=value[1], alerts=amounts[value])
            for value in sorted(chosen, key=place)
        ]

    def _counted(self, alert: Alert | None) -> tuple[Any, ...] | None:
        return COUNTED(alert) if alert is not None and self._rows.has(alert) else None

    def _count(self, counted: tuple[Any, ...], amount: int) -> None:
        address, name, alert_type, source, tags, assignee = counted
        device = self._inventory.device_at(address or name or "")
        site, role = (device.site, device.role) if device else (None, None)
        self._add(("alert_type", alert_type), amount)
        self._add(("source_system", source), amount)
        for tag in tags:
            self._add(("tag", tag), amount)
        if assignee:
            self._add(("assigned_to", assignee), amount)
        for value in _values_of(name or address or "", site, role):
            self._add(value, amount)

    def _add(self, value: Value, amount: int) -> None:
        number = self._amounts.get(value, 0) + amount
        if number or value in self._known:
            self._amounts[value] = number
            if value not in self._folded:
                self._folded[value] = value[1].casefold()
        else:
            del self._amounts[value], self._folded[value]


def values_in(index: OpenIndex, inventory: InventorySnapshot, rows: AlertRows) -> KeptValues:
    """Return the values of the open alerts that a caller may see, and of an inventory."""
    return index.kept(("values", rows.conditions), partial(KeptValues, inventory, rows), inventory)


async def suggest(call: Call) -> web.Response:
    """Respond with values that contain a text; nothing for an empty one."""
    text = call.query.text.strip().casefold()
    if not text:
        return answer([])
    inventory, rows = call.parts.engine().inventory, call.rows

    def work(state: LiveState) -> list[SuggestionView]:
        return values_in(state.index, inventory, rows).having(text)

    question = ("suggestions", text, rows.conditions, id(inventory))
    every = AlertFilter(status=tuple(OPEN_STATUSES))
    return answer(await ask_live(call, question, every, work))


def _values_of(name: str, site: str | None, role: str | None) -> Iterator[Value]:
    values: Mapping[Kind, str | None] = {"device": name, "site": site, "role": role}
    yield from ((kind, value) for kind, value in values.items() if value)
