"""Suggestions for the search of the list: values of filters that contain what has been typed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import NO_NUL, Parameters
from opsconductor.api.http.responses import answer
from opsconductor.api.http.single_flight import turns
from opsconductor.api.views import View
from opsconductor.engine.alert_index import device_key
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.device import Device

Kind = Literal["device", "site", "role", "alert_type", "tag", "source_system", "assigned_to"]
Value = tuple[Kind, str]

MOST_OF_A_KIND = 5


class SuggestionParameters(Parameters):
    """What has been typed."""

    text: Annotated[str, Field(max_length=100, pattern=NO_NUL)] = ""


class SuggestionView(View):
    """A value of a filter."""

    kind: Kind = Field(description="Name of the filter.")
    value: str
    alerts: int = Field(description="Open alerts that have it; 0: a device, site or role of the inventory.")


async def suggest(call: Call) -> web.Response:
    """Respond with values that contain a text; nothing for an empty one."""
    text = call.query.text.strip().casefold()
    if not text:
        return answer([])
    engine, rows = call.parts.engine(), call.rows

    def work(alerts: Sequence[Alert]) -> list[SuggestionView]:
        seen = [alert for alert in alerts if rows.has(alert)]
        devices = () if rows.conditions else engine.inventory.devices
        return suggestions_for(seen, text=text, inventory=engine.inventory, devices=devices)

    question = ("suggestions", text, rows.conditions)
    return answer(await call.request.app[turns].ask(question, engine.open_alerts, work))


def suggestions_for(
    alerts: Iterable[Alert], *, text: str, inventory: InventorySnapshot, devices: Iterable[Device]
) -> list[SuggestionView]:
    """Return the values that contain a text; pure.

    Those that begin with it come first, then those with the most alerts, at most five of each kind.

    Args:
        text: In lower case.
        devices: Those that are suggested although they have no alert.
    """
    amounts = _amounts(alerts, inventory)
    for device in devices:
        amounts.update(dict.fromkeys(_values_of(device.name, device.site, device.role), 0))
    found = [(value, amount) for value, amount in amounts.items() if text in value[1].casefold()]
    found.sort(key=lambda each: (not each[0][1].casefold().startswith(text), -each[1], each[0][1]))
    taken: Counter[Kind] = Counter()
    chosen = []
    for (kind, value), amount in found:
        taken[kind] += 1
        if taken[kind] <= MOST_OF_A_KIND:
            chosen.append(SuggestionView(kind=kind, value=value, alerts=amount))
    return chosen


def _amounts(alerts: Iterable[Alert], inventory: InventorySnapshot) -> Counter[Value]:
    """Count the open alerts of each value."""
    amounts: Counter[Value] = Counter()
    places: Counter[tuple[str, str]] = Counter()
    for alert in alerts:
        places[device_key(alert), alert.device_name or alert.device_ip or ""] += 1
        amounts["alert_type", alert.alert_type] += 1
        amounts["source_system", alert.source_system] += 1
        amounts.update(("tag", tag) for tag in alert.tags)
        if alert.assigned_to:
            amounts["assigned_to", alert.assigned_to] += 1
    for (key, name), amount in places.items():
        device = inventory.device_at(key)
        site, role = (device.site, device.role) if device else (None, None)
        for value in _values_of(name, site, role):
            amounts[value] += amount
    return amounts


def _values_of(name: str, site: str | None, role: str | None) -> Iterator[Value]:
    values: Mapping[Kind, str | None] = {"device": name, "site": site, "role": role}
    yield from ((kind, value) for kind, value in values.items() if value)
