"""After any sequence of inventories the result is the last one, and what people declared."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.inventory.enforce import Bounds, merge
from opsconductor.model.inventory.listed import FoundDependency, FoundDevice, Inventory
from opsconductor.store.inventory.devices import (
    InventoryPlan,
    KnownAddress,
    KnownDependency,
    KnownDevice,
    KnownInventory,
)
from tests.support.engine.inventories import WEEK, found, inventory, way
from tests.support.store.merged import active, applied, further, ways, without_ids

NB = "netbox"
AT_ONCE = timedelta(0)

addresses = st.integers(1, 7).map(lambda number: f"10.0.0.{number}")
keys = addresses | st.integers(1, 5).map(lambda number: f"sw{number}")
found_devices = st.builds(
    lambda number, main, more, site: found(number, main, *more, site=site),
    st.integers(1, 5),
    addresses | st.none(),
    st.lists(addresses, max_size=3),
    st.sampled_from(["A", "B", None]),
)
found_ways = st.builds(
    lambda one, other, via: way(one, other, via_resources=via),
    keys,
    keys,
    st.sampled_from([(), ("p1",)]),
)


@st.composite
def what_people_made(draw: st.DrawFn) -> KnownInventory:
    """Draw devices and dependencies declared by people, all addresses different."""
    free = draw(st.permutations([f"10.0.0.{number}" for number in range(1, 8)]))
    amount = draw(st.integers(0, 2))
    ids = [UUID(int=number + 1) for number in range(amount)]
    return KnownInventory(
        devices=tuple(
            KnownDevice(
                id=each, ip_address=free[at], name=f"mine{at}", auto_discovered=False, site="people's"
            )
            for at, each in enumerate(ids)
        ),
        addresses=tuple(
            KnownAddress(address=free[6 - at], device_id=each, auto_discovered=False)
            for at, each in enumerate(ids)
        ),
        dependencies=tuple(
            KnownDependency(
                id=UUID(int=100 + at),
                device_ip=free[at],
                depends_on_ip=free[2],
                dependency_type="network",
                auto_discovered=False,
                is_mine=False,
                is_declared=True,
            )
            for at in range(amount)
        ),
    )


inventories = st.lists(
    st.tuples(st.lists(found_devices, max_size=5), st.lists(found_ways, max_size=5)), min_size=1, max_size=4
)
Listed = Sequence[tuple[list[FoundDevice], list[FoundDependency]]]


def lived_through(
    known: KnownInventory, listings: Listed, keep: timedelta
) -> tuple[KnownInventory, InventoryPlan, Inventory]:
    """Apply inventories, one a day; return the last plan and inventory too."""
    for day, (devices, dependencies) in enumerate(listings):
        taken = inventory(devices, dependencies, days=day)
        plan = merge(taken, NB, Bounds(keep=keep), known)
        known = applied(known, plan)
    return known, plan, taken


@given(what_people_made(), inventories, st.sampled_from([AT_ONCE, WEEK]))
def test_people_never_lose_what_they_wrote(made: KnownInventory, listings: Listed, keep: timedelta) -> None:
    """Their devices keep address, name and facts, their further addresses and dependencies stay."""
    known, _, _ = lived_through(made, listings, keep)
    now = {row.id: row for row in known.devices}
    for row in made.devices:
        assert (now[row.id].ip_address, now[row.id].name, now[row.id].site) == (
            row.ip_address,
            row.name,
            row.site,
        )
        assert now[row.id].retired_at is None
    assert set(made.addresses) <= set(known.addresses)
    assert set(made.dependencies) <= set(known.dependencies)


@given(what_people_made(), inventories, st.sampled_from([AT_ONCE, WEEK]))
def test_the_same_again_changes_nothing(made: KnownInventory, listings: Listed, keep: timedelta) -> None:
    """Applying an inventory again writes nothing and gives the same result."""
    known, last, taken = lived_through(made, listings, keep)
    again = merge(taken, NB, Bounds(keep=keep), known)
    assert again.is_empty
    assert set(again.conflicts) == set(last.conflicts)


@given(what_people_made(), inventories)
def test_the_inventory_in_force_is_the_last_one(made: KnownInventory, listings: Listed) -> None:
    """Every device of it without a conflict is there, under its id; nothing else of its connector is."""
    known, plan, taken = lived_through(made, listings, AT_ONCE)
    linked = {row.external_id: row for row in active(known).values() if row.found_by == NB}
    asked = {}
    for device in taken.devices:
        asked.setdefault(device.external_id, device)
    assert set(linked) <= set(asked)
    for number, device in asked.items():
        row = linked.get(number)
        if row is None:
            assert any(
                f"{device.name} claims {device.ip_address or 'the name'}" in line for line in plan.conflicts
            )
        elif row.auto_discovered:
            assert (row.ip_address, row.site) == (device.ip_address, device.site)
            own = {device.ip_address, *device.addresses} - {row.ip_address}
            assert further(known)[row.key] <= own
        else:
            assert row.found.get("site") == device.site


@given(what_people_made(), inventories)
def test_how_it_came_about_does_not_matter(made: KnownInventory, listings: Listed) -> None:
    """Without conflicts, a history of inventories has the result of the last one alone.

    A row of people's is left out: it stays the device that it once was, wherever that moves.
    """
    known, plan, taken = lived_through(made, listings, AT_ONCE)
    alone = merge(taken, NB, Bounds(keep=AT_ONCE), made)
    fresh = applied(made, alone)
    is_linked = any(row.found_by and not row.auto_discovered for row in (*known.devices, *fresh.devices))
    if not plan.conflicts and not alone.conflicts and not is_linked:
        assert without_ids(active(known)) == without_ids(active(fresh))
        assert further(known) == further(fresh)
        assert set(ways(known)) == set(ways(fresh))


@given(inventories)
def test_dependencies_stand_between_keys(listings: Listed) -> None:
    """Whatever address an inventory names, the dependency is at the key of alerts; missing ones age."""
    known, _, taken = lived_through(KnownInventory(), listings, WEEK)
    main_of = {address: main for main, more in further(known).items() for address in more}
    wanted = {
        (main_of.get(each.device_ip, each.device_ip), main_of.get(each.depends_on_ip, each.depends_on_ip))
        for each in taken.dependencies
    }
    present = {row.key[:2] for row in known.dependencies if row.missing_since is None}
    assert present == {ends for ends in wanted if ends[0] != ends[1]}
