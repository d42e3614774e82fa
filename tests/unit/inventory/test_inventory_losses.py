"""Removals from an inventory: which apply at once and which wait for confirmation; without a database."""

from dataclasses import replace

from opsconductor.inventory.enforce import Bounds, merge
from opsconductor.model.inventory.listed import Inventory, InventoryLoss, LossLimits, Part
from opsconductor.store.inventory.devices import InventoryPlan, KnownInventory
from tests.support.engine.inventories import A_WEEK, WEEK, found, inventory, way
from tests.support.store.merged import active, applied, further, ways

NB = "netbox"
LIMITED = Bounds(keep=WEEK, limits=LossLimits(largest=0.3, smallest=5))
ACCEPTED = replace(LIMITED, is_accepted=True)
CORE = "10.0.0.1"
MANY = [found(number, f"10.0.0.{number}", f"10.1.0.{number}") for number in range(1, 45)]
UPLINKS = [way(each.ip_address, CORE) for each in MANY[1:]]


def after(
    known: KnownInventory, *given: Inventory, bounds: Bounds = A_WEEK
) -> tuple[KnownInventory, InventoryPlan]:
    """Apply inventories; return the devices known then, and the last plan."""
    for each in given:
        plan = merge(each, NB, bounds, known)
        known = replace(applied(known, plan), rules=each.rules)
    return known, plan


FULL, _ = after(KnownInventory(), inventory(MANY, UPLINKS))


def test_far_less_than_before_retires_nothing() -> None:
    """33 of 44 devices are missing: they stay with their addresses, and so do all dependencies."""
    known, plan = after(FULL, inventory(MANY[:11], UPLINKS[:10], days=1), bounds=LIMITED)
    assert plan.is_withheld
    assert plan.large_loss is not None
    assert plan.large_loss.summary == "33 of 44 devices and 33 of 43 dependencies"
    assert plan.large_loss.names[0] == "sw12"
    assert plan.is_empty
    assert (active(known), further(known), ways(known)) == (active(FULL), further(FULL), ways(FULL))


def test_additions_apply_while_removals_wait() -> None:
    """An added device, a changed site and a new dependency do not wait."""
    moved, new = replace(MANY[1], site="Berlin"), found(50, "10.0.0.50")
    given = inventory([MANY[0], moved, new], [way("10.0.0.50", CORE)], days=1)
    known, plan = after(FULL, given, bounds=LIMITED)
    assert plan.is_withheld
    assert plan.changes.summary == "devices 1 added, 1 changed; dependencies 1 added"
    assert active(known)["10.0.0.2"].site == "Berlin"
    assert ("10.0.0.50", CORE, "network") in ways(known)
    assert len(active(known)) == 45


def test_accepted_removals_apply() -> None:
    """The plan has the number of removals."""
    given = inventory(MANY[:11], UPLINKS[:10], days=1)
    known, plan = after(FULL, given, bounds=ACCEPTED)
    assert not plan.is_withheld
    assert plan.large_loss is not None
    assert plan.changes.devices_retired == 33
    assert len(active(known)) == 11


def test_a_usual_share_is_removed_at_once() -> None:
    """10 of 44 devices: below 30 %."""
    known, plan = after(FULL, inventory(MANY[:34], UPLINKS[:33], days=1), bounds=LIMITED)
    assert (plan.large_loss, len(active(known))) == (None, 34)


def test_a_handful_is_always_removed_at_once() -> None:
    """In a network of six devices five may be removed, whatever their share."""
    small, _ = after(KnownInventory(), inventory(MANY[:6]))
    known, plan = after(small, inventory(MANY[:1], days=1), bounds=LIMITED)
    assert (plan.large_loss, len(active(known))) == (None, 1)


def test_too_many_dependencies_wait_alone() -> None:
    """Missing dependencies wait for confirmation, except those of a removed device."""
    known, plan = after(FULL, inventory(MANY[:43], UPLINKS[:3], days=1), bounds=LIMITED)
    assert plan.is_withheld
    assert plan.changes.devices_retired == 1
    kept = [each for each in ways(known).values() if each.missing_since is None]
    assert len(kept) == 42
    assert plan.large_loss == InventoryLoss(
        devices=1, known_devices=44, dependencies=40, known_dependencies=43, names=("sw44",)
    )


def test_objects_that_are_back_wait_no_more() -> None:
    """After the permission is corrected nothing was lost, and nothing has changed."""
    known, _ = after(FULL, inventory(MANY[:11], UPLINKS[:10], days=1), bounds=LIMITED)
    again, plan = after(known, inventory(MANY, UPLINKS, days=2), bounds=LIMITED)
    assert (plan.large_loss, plan.is_empty) == (None, True)
    assert active(again) == active(FULL)


def test_a_refused_list_removes_nothing() -> None:
    """Devices, addresses or dependencies alike; and no confirmation is asked for."""
    bare = [replace(each, addresses=()) for each in MANY]
    for part, given in {
        Part.DEVICES: inventory(MANY[:2], UPLINKS, days=1),
        Part.ADDRESSES: inventory(bare, UPLINKS, days=1),
        Part.DEPENDENCIES: inventory(MANY, days=1),
    }.items():
        known, plan = after(FULL, replace(given, incomplete=frozenset({part})), bounds=LIMITED)
        assert (plan.large_loss, plan.is_empty) == (None, True), part
        assert (active(known), further(known), ways(known)) == (active(FULL), further(FULL), ways(FULL))


def test_a_dependency_no_longer_found_is_missing_for_a_while() -> None:
    """It is kept with the time since when, and removed after the retention."""
    known, plan = after(FULL, inventory(MANY, UPLINKS[1:], days=1))
    [gone] = [each for each in ways(known).values() if each.missing_since is not None]
    assert (gone.device_ip, plan.changes.dependencies_aged) == ("10.0.0.2", 1)
    known, _ = after(known, inventory(MANY, UPLINKS[1:], days=9))
    assert gone.key not in ways(known)


def test_dependencies_of_former_rules_are_removed_at_once() -> None:
    """After a change of `role_ranks` or `roots` they were never right, and need no confirmation."""
    ruled, _ = after(KnownInventory(), replace(inventory(MANY, UPLINKS), rules="by rank"))
    given = replace(inventory(MANY, UPLINKS[:3], days=1), rules="by distance")
    known, plan = after(ruled, given, bounds=LIMITED)
    assert (plan.large_loss, plan.changes.dependencies_removed, len(ways(known))) == (None, 40, 3)


def test_the_opposite_direction_replaces_a_dependency_at_once() -> None:
    """Also one that was missing already: a circle of the two would cut nothing."""
    pair = MANY[:2]
    known, _ = after(KnownInventory(), inventory(pair, [way("10.0.0.2", CORE)]), inventory(pair, days=1))
    assert len(ways(known)) == 1
    known, plan = after(known, inventory(pair, [way(CORE, "10.0.0.2")], days=2))
    assert set(ways(known)) == {(CORE, "10.0.0.2", "network")}
    assert plan.changes.dependencies_removed == 1


def test_devices_that_come_under_new_ids_are_no_loss() -> None:
    """NetBox was filled again from files: every id is new, the addresses are the same."""
    renumbered = [replace(each, external_id=each.external_id + 1000) for each in MANY]
    known, plan = after(FULL, inventory(renumbered, UPLINKS, days=1), bounds=LIMITED)
    assert plan.large_loss is None
    assert {row.id for row in active(known).values()} == {row.id for row in active(FULL).values()}


def test_details_that_cannot_be_read_stay() -> None:
    """While contacts may not be viewed devices keep theirs, and other values are updated."""
    contacts = [{"name": "Anna"}]
    first = found(1, CORE, custom_fields={"contacts": contacts, "asset": 7})
    known, _ = after(KnownInventory(), inventory([first]))
    lacking = replace(
        inventory([found(1, CORE, custom_fields={"asset": 8})], days=1), incomplete=frozenset({Part.DETAILS})
    )
    known, _ = after(known, lacking)
    assert known.devices[0].custom_fields == {"contacts": contacts, "asset": 8}
    known, _ = after(known, replace(lacking, incomplete=frozenset()))
    assert known.devices[0].custom_fields == {"asset": 8}
