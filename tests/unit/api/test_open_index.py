"""The index of open alerts always agrees with the latest question's alerts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random, randrange
from typing import Any

import pytest

from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.devices.loud import loud_in
from opsconductor.api.devices.states import states_of
from opsconductor.api.listing import matching, page_of
from opsconductor.api.many.suggestions import SuggestionView, values_in
from opsconductor.api.opened import index as open_indexes
from opsconductor.api.opened import order as orders
from opsconductor.api.opened.index import OpenIndex
from opsconductor.api.opened.order import matching_in_order, matching_of
from opsconductor.api.opened.sums import SiteNames, Sums, full_sums_in, rated, sums_in
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Category, Priority, Severity, Status
from opsconductor.store.alerts.filter import SORTS, URGENT_FIRST, AlertFilter
from opsconductor.store.alerts.order import whole_order
from opsconductor.store.alerts.rows import RowClause
from tests.support.api.network_scene import device
from tests.support.engine.alert_changes import START, alert_of

INVENTORY = InventorySnapshot((device("10.0.0.1", "one", site="north"), device("10.0.0.2", "two")), ())
CHANCES: dict[str, tuple[Any, ...]] = {
    "severity": tuple(Severity),
    "status": tuple(sorted(OPEN_STATUSES)),
    "category": tuple(Category)[:3],
    "priority": tuple(Priority),
    "device_ip": (None, "10.0.0.1", "10.0.0.2", "10.0.0.3"),
    "device_name": ("core-1", "edge 9"),
    "title": ("Link down", "Fan failed", "link DOWN"),
    "is_hidden": (False, False, False, True),
    "occurrence_count": (1, 2, 3),
    "acknowledged_at": (None, START, START + timedelta(hours=1)),
    "tags": ((), ("core",), ("core", "West")),
    "assigned_to": (None, "anna"),
    "last_occurrence_at": tuple(START + timedelta(minutes=n) for n in range(5)),
}


def days(chance: Random) -> Iterator[list[Alert]]:
    """Yield the open alerts of successive moments: some are new, some change, some are closed."""
    opened: dict[str, Alert] = {}
    for number in range(60):
        for each in range(chance.choice((0, 1, 30))):
            new = alert_of(number * 100 + each)
            opened[new.fingerprint] = replace(new, **{key: chance.choice(CHANCES[key]) for key in CHANCES})
        for name in chance.sample(sorted(opened), min(len(opened), chance.choice((0, 3, 40)))):
            keys = chance.sample(sorted(CHANCES), 2)
            opened[name] = replace(opened[name], **{key: chance.choice(CHANCES[key]) for key in keys})
        for name in chance.sample(sorted(opened), min(len(opened), chance.choice((0, 1, 20)))):
            del opened[name]
        yield list(opened.values())


@pytest.fixture(params=[0, 10_000], ids=["anew", "one by one"], autouse=True)
def _few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebuild orders after many changes, or never."""
    monkeypatch.setattr(open_indexes, "FEW", request.param)


def test_orders_and_sums_follow_what_changes() -> None:
    """After any changes lists, sums and numbers of hidden alerts equal those of a new index."""
    seed = randrange(1_000_000)
    chance, index = Random(seed), OpenIndex()
    sorts = [URGENT_FIRST, *(tuple(chance.sample(sorted(SORTS), 2)) for _ in range(3)), ("-device_ip",)]
    filters = (
        AlertFilter(),
        AlertFilter(is_hidden=(False,), status=tuple(OPEN_STATUSES)),
        AlertFilter(search="link d", severity=(Severity.MAJOR, Severity.MINOR)),
        AlertFilter(status=(Status.ACKNOWLEDGED,), device=("10.0.0.1", "edge 9")),
    )
    for opened in days(chance):
        index.follow(opened)
        wanted, sort = chance.choice(filters), chance.choice(sorts)
        meant = page_of(matching(opened, wanted), sort=sort, limit=10_000).alerts
        assert matching_in_order(index, wanted, whole_order(sort)) == meant, (seed, sort)
        assert len(matching_of(index, wanted, index.entries)) == len(meant), seed
        assert (positive(sums_in(index).rated), sums_in(index).hidden) == rated(opened), seed
        sums = Sums()
        sums.add([alert for alert in opened if not alert.is_hidden], SiteNames(INVENTORY).__getitem__)
        assert full_sums_in(index, INVENTORY).shown("copy", Sums.copy) == sums, seed


def test_devices_with_alerts_follow_what_changes() -> None:
    """After any changes the devices' states and order equal those computed from all open alerts."""
    seed = randrange(1_000_000)
    devices, index = INVENTORY.device_index, OpenIndex()
    for opened in days(Random(seed)):
        kept = loud_in(index.follow(opened), devices)
        meant = {
            position: state
            for key, state in states_of(opened).items()
            if (position := devices.position_of(key)) is not None
        }
        assert kept.states == meant, seed
        assert kept.worst_first == sorted(
            meant, key=lambda each: (*(-part for part in meant[each].urgency), devices.places[each])
        ), seed


@pytest.mark.parametrize(
    "rows",
    [
        AlertRows(),
        AlertRows(conditions=(((RowClause(devices=frozenset(), tag=frozenset({"core"})),),),)),
    ],
    ids=["all", "some rows"],
)
def test_suggestions_follow_what_changes(rows: AlertRows) -> None:
    """After any changes the values and their numbers equal those of a new index, also for a row filter."""
    seed = randrange(1_000_000)
    index = OpenIndex()
    for opened in days(Random(seed)):
        found = values_in(index.follow(opened), INVENTORY, rows).having("o")
        assert found == values_in(OpenIndex().follow(opened), INVENTORY, rows).having("o"), seed
        cores = sum("core" in alert.tags for alert in opened)
        assert (SuggestionView(kind="tag", value="core", alerts=cores) in found) == (cores > 0), seed
        of_site = sum(alert.device_ip == "10.0.0.1" for alert in opened if rows.has(alert))
        north = values_in(index, INVENTORY, rows).having("north")
        assert [each.alerts for each in north] == ([of_site] if of_site or not rows.conditions else []), seed


def positive(amounts: Any) -> dict[Any, int]:
    """Return the entries that are not zero."""
    return {key: amount for key, amount in amounts.items() if amount}


def test_another_inventory_has_the_sites_counted_anew() -> None:
    """A site that an inventory adds is in the next answer, though no alert has changed."""
    index = OpenIndex().follow([replace(alert_of(1), device_ip="10.0.0.1")])
    assert full_sums_in(index, INVENTORY).shown("copy", Sums.copy).site == {"north": 1}
    other = InventorySnapshot((device("10.0.0.1", "one", site="south"),), ())
    assert full_sums_in(index, other).shown("copy", Sums.copy).site == {"south": 1}


def test_an_index_that_an_error_has_left_incomplete_is_rebuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that fails to follow a change leaves no wrong order behind."""
    index = OpenIndex().follow([alert_of(1), alert_of(2)])
    order = whole_order(URGENT_FIRST)
    assert len(matching_in_order(index, AlertFilter(), order)) == 2
    with monkeypatch.context() as patched:
        patched.setattr(orders.KeptOrder, "follow", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            index.follow([alert_of(3)])
    index.follow([alert_of(2), alert_of(3)])
    assert {each.id for each in matching_in_order(index, AlertFilter(), order)} == {
        alert_of(2).id,
        alert_of(3).id,
    }
