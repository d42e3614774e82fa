"""The NetBox inventory against a server: full syncs, the changelog, webhooks, and failures."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.netbox import client
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import Refused, StoreUnavailable
from opsconductor.model.inventory.listed import Inventory, Part
from tests.fakes.netbox.estate import START, Estate
from tests.fakes.netbox.network import made_up
from tests.fakes.netbox.server import V1, FakeNetbox, Token, Trouble, serving
from tests.support.connectors.netbox_stage import Seen, assembled, inventory, synced

SECRET = "a secret of the test"


def small() -> Estate:
    """Make a core, an access switch on it and another one through two panels, and a server."""
    estate = Estate()
    core, access = (
        estate.device("core1", "core", "10.0.0.1/24"),
        estate.device("acc1", "access", "10.0.0.2/24"),
    )
    patched = estate.device("acc2", "access", "10.0.0.3/24")
    server = estate.device("srv1", "server", "10.0.0.4/24")
    estate.uplink(access, core)
    estate.uplink(server, access)
    [(front, rear)], [(far_front, far_rear)] = estate.panel("panel-a", 1), estate.panel("panel-b", 1)
    estate.cable(estate.port(patched, "up"), front)
    estate.cable(rear, far_rear)
    estate.cable(far_front, estate.port(core, "down"))
    estate.now += timedelta(hours=1)
    return estate


@pytest.fixture
async def fake() -> AsyncIterator[FakeNetbox]:
    """Serve a small network."""
    async with serving(FakeNetbox(small())) as served:
        yield served


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait neither for more webhooks nor between attempts."""
    monkeypatch.setattr("connectors.netbox.inventory.GATHER_S", 0.0)
    monkeypatch.setattr(client, "RETRIES", client.RETRIES.new(backoff_factor=0))


def same(found: Inventory) -> Inventory:
    """Copy an inventory without what differs each time: the moment and the server's port."""
    return replace(
        found, taken_at=START, devices=tuple(replace(device, url=None) for device in found.devices)
    )


def post(body: bytes = b"{}", **headers: str) -> Post:
    """Make a post as the API hands it on."""
    return Post(headers=headers, query={}, body=body, peer="192.0.2.1", received_at=START)


def signed(body: bytes) -> Post:
    """Sign a post as NetBox does."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest()
    return post(body, **{"x-hook-signature": signature})


@pytest.mark.parametrize("version", ["4.6.8", "4.5.3-Docker-3.4.0"])
async def test_everything_is_read(version: str) -> None:
    """A network of 300 devices is synced unchanged, with cursors and with offsets, in pages of any size."""
    async with (
        serving(FakeNetbox(made_up(300), version=version, most_rows=70)) as fake,
        synced(fake) as (_, seen),
    ):
        found = await seen.next()
        assert same(found) == same(assembled(fake.estate).inventory)
        assert await seen.stands() == "works"
        assert len(found.devices) > 280
        has_cursors = any("start=" in each for each in fake.requests)
        assert has_cursors == version.startswith("4.6")


async def test_a_version_1_token_is_taken(fake: FakeNetbox) -> None:
    """Tokens of both versions are sent as NetBox wants them."""
    async with synced(fake, token=V1) as (_, seen):
        assert len((await seen.next()).devices) == 4


def rewire(estate: Estate) -> None:
    """Pull the server's cable and plug it in elsewhere."""
    estate.remove("dcim.cable", 2)
    estate.uplink(4, 3)
    estate.uplink(3, 1)


def move_address(estate: Estate) -> None:
    """Change the address that a device has as its primary one: its own row stays as it is."""
    estate.change("ipam.ipaddress", 4, address="10.0.0.44/24")


def patch(estate: Estate) -> None:
    """Lead the server to another switch through two panels, the trunk between them last."""
    estate.remove("dcim.cable", 2)
    [(front, rear)], [(far_front, far_rear)] = estate.panel("p1", 1), estate.panel("p2", 1)
    estate.cable(estate.port(4, "new"), front)
    estate.cable(far_front, estate.port(3, "new"))
    estate.cable(rear, far_rear)


def guest(estate: Estate) -> None:
    """Create a virtual machine with an address."""
    estate.guest("vm1", "10.0.0.5/24", device=4)


def power(estate: Estate) -> None:
    """Plug the server into a new power strip."""
    strip = estate.device("pdu1", "pdu", "10.0.0.6/24")
    outlet = estate.port(strip, "1", "dcim.poweroutlet", power_port=None)
    estate.cable(estate.port(4, "psu1", "dcim.powerport"), outlet)


def stack(estate: Estate) -> None:
    """Make one access switch the master of the other."""
    chassis = estate.add("dcim.virtualchassis", name="stack")
    for device in (2, 3):
        estate.change("dcim.device", device, virtual_chassis=chassis)
    estate.change("dcim.virtualchassis", chassis, master=2)


def contact(estate: Estate) -> None:
    """Assign a contact to a device."""
    person = estate.add("tenancy.contact", name="Anna")
    estate.add("tenancy.contactassignment", object=("dcim.device", 4), contact=person)


CHANGES: Mapping[str, Callable[[Estate], None]] = {
    "a device is renamed": lambda estate: estate.change("dcim.device", 4, name="srv9"),
    "a device is deleted": lambda estate: estate.remove("dcim.device", 4),
    "a device is created": lambda estate: estate.uplink(estate.device("new", "server", "10.0.0.9/24"), 2),
    "a site is renamed": lambda estate: estate.change("dcim.site", 1, name="Site 9"),
    "a role is changed": lambda estate: estate.change("dcim.devicerole", 3, slug="core-2", name="core 2"),
    "a cable is planned": lambda estate: estate.change("dcim.cable", 2, status="planned"),
    "an address is changed": move_address,
    "an address is deleted": lambda estate: estate.remove("ipam.ipaddress", 4),
    "a cable is moved": rewire,
    "a patch cable is pulled": lambda estate: estate.remove("dcim.cable", 3),
    "a cable between panels is pulled": lambda estate: estate.remove("dcim.cable", 4),
    "a cable between panels is planned": lambda estate: estate.change("dcim.cable", 4, status="planned"),
    "a panel is deleted": lambda estate: estate.remove("dcim.device", 5),
    "panels are patched": patch,
    "a virtual machine is created": guest,
    "power is plugged in": power,
    "a stack is made": stack,
    "a contact is assigned": contact,
}


@pytest.mark.parametrize("what", sorted(CHANGES))
async def test_changes_come_by_the_changelog(fake: FakeNetbox, what: str) -> None:
    """After a change and a webhook the inventory is what a full sync would have found."""
    async with synced(fake, webhook_secret=SECRET) as (made, seen):
        before = same(await seen.next())
        CHANGES[what](fake.estate)
        assert await made.receive(signed(b"whatever the operator has templated")) == PostResult()
        after = same(await seen.next())
        assert after == same(assembled(fake.estate).inventory)
        assert after != before


async def test_nothing_changed_means_nothing_is_done(fake: FakeNetbox) -> None:
    """A look at an unchanged changelog is two requests, and publishes nothing."""
    async with synced(fake, webhook_secret=SECRET) as (made, seen):
        await seen.next()
        assert await seen.stands() == "works"
        fake.requests.clear()
        await made.receive(signed(b""))
        assert await seen.stands() == "works"
        assert [each.partition("?")[0] for each in fake.requests] == [
            "/api/status/",
            "/api/core/object-changes/",
        ]
        assert seen.published.empty()


async def test_changes_that_appear_late_are_seen(fake: FakeNetbox) -> None:
    """A change of a long transaction appears behind newer ones, with an older time, and is not missed."""
    estate = fake.estate
    async with synced(fake, webhook_secret=SECRET) as (made, seen):
        await seen.next()
        estate.change("dcim.device", 4, name="early")
        late = estate.of("core.objectchange").popitem()
        estate.change("dcim.device", 3, name="other")
        await made.receive(signed(b""))
        assert "other" in {device.name for device in (await seen.next()).devices}
        estate.of("core.objectchange")[late[0]] = late[1]
        fake.requests.clear()
        await made.receive(signed(b""))
        await seen.next()
        assert any("dcim/devices" in each and "id=4" in each for each in fake.requests)


async def test_only_our_netbox_may_post(fake: FakeNetbox) -> None:
    """A wrong signature is refused, and every post where no secret is configured."""
    made = inventory(fake, Seen(), webhook_secret=SECRET)
    for headers in ({}, {"x-hook-signature": "0" * 128}, {"x-hook-signature": "\udcff"}):
        with pytest.raises(Refused) as refused:
            await made.receive(post(b"{}", **headers))
        assert (refused.value.reason, refused.value.status) == ("wrong_signature", 401)
    with pytest.raises(Refused, match="webhook_secret is not configured"):
        await inventory(fake, Seen()).receive(signed(b"{}"))


@pytest.mark.parametrize("version", ["4.6.8", "4.5.3"])
async def test_rows_that_go_while_they_are_read_hide_no_others(version: str) -> None:
    """A device that is deleted between two pages shifts the offsets: no other one is lost by that."""
    fake = FakeNetbox(made_up(100), version=version, most_rows=20)

    def delete_one(path: str) -> None:
        if path == "dcim/devices" and sum("/dcim/devices/" in each for each in fake.requests) == 4:
            fake.estate.remove("dcim.device", 1)

    fake.before = delete_one
    async with serving(fake), synced(fake) as (_, seen):
        names = {device.name for device in (await seen.next()).devices}
        assert names >= {device.name for device in assembled(fake.estate).inventory.devices}


@pytest.mark.parametrize("status", [429, 502, 503])
async def test_short_troubles_are_waited_out(fake: FakeNetbox, status: int) -> None:
    """Two answers that say later in the middle of a list do not fail a sync."""
    fake.troubles = [Trouble(path="dcim/interfaces", status=status, times=2, after=1)]
    async with synced(fake) as (_, seen):
        assert len((await seen.next()).devices) == 4
        assert await seen.stands() == "works"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Trouble(path="dcim/power-feeds", status=500, times=99), "HTTP 500: database is locked"),
        (Trouble(path="dcim/devices", status=200, body="<html>login</html>", times=99), "not in JSON"),
        (Trouble(path="dcim/devices", status=200, body="[1, 2]", times=99), "in a form that is not NetBox's"),
        (
            Trouble(path="dcim/devices", status=200, body='{"results": 5, "count": 1}', times=99),
            "in a form that",
        ),
        (Trouble(path="dcim/devices", status=200, body='{"count": 1}', times=99), "in a form that"),
        (Trouble(path="dcim/devices", status=302, headers={"Location": "https://x/"}, times=99), "redirect"),
        (Trouble(path="dcim/devices", breaks=True, times=99), "closes the connection"),
        (Trouble(path="ipam", status=403, body='{"detail": "Token expired"}', times=99), "Token expired"),
    ],
)
async def test_a_failed_sync_changes_nothing(fake: FakeNetbox, trouble: Trouble, words: str) -> None:
    """A failure on the way is reported, and nothing is published; later everything is there."""
    fake.troubles = [trouble]
    async with synced(fake, webhook_secret=SECRET) as (made, seen):
        assert words in await seen.stands()
        assert seen.published.empty()
        fake.troubles = []
        await made.receive(signed(b""))
        assert len((await seen.next()).devices) == 4
        assert await seen.stands() == "works"


async def test_a_connection_that_breaks_once_is_tried_again(fake: FakeNetbox) -> None:
    """A request that is broken off once does not fail a sync."""
    fake.troubles = [Trouble(path="dcim/interfaces", breaks=True)]
    async with synced(fake) as (_, seen):
        assert len((await seen.next()).devices) == 4


async def test_endless_lists_are_cut_off(fake: FakeNetbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that go on and on end a sync, not the memory."""
    monkeypatch.setattr(client, "MOST_ROWS", 3)
    async with synced(fake) as (_, seen):
        assert "has more than 3 rows" in await seen.stands()


WHOLE = frozenset({Part.DEVICES, Part.ADDRESSES, Part.DEPENDENCIES})


@pytest.mark.parametrize(
    ("kind", "incomplete"),
    [
        ("dcim.interface", {Part.DEPENDENCIES}),
        ("dcim.powerport", {Part.DEPENDENCIES}),
        ("dcim.poweroutlet", {Part.DEPENDENCIES}),
        ("dcim.powerfeed", {Part.DETAILS}),
        ("dcim.devicerole", {Part.DEPENDENCIES}),
        ("dcim.cable", set()),
        ("ipam.ipaddress", WHOLE),
        ("virtualization.virtualmachine", WHOLE),
        ("tenancy.contact", {Part.DETAILS}),
        ("tenancy.contactassignment", {Part.DETAILS}),
        ("core.objectchange", set()),
    ],
)
async def test_a_missing_right_costs_its_own_list_only(
    fake: FakeNetbox, kind: str, incomplete: set[Part]
) -> None:
    """Viewable lists are applied, others are not taken for empty, and right and remedy are reported."""
    fake.tokens[V1] = Token(may_not_view={kind})
    async with synced(fake, token=V1) as (_, seen):
        found = await seen.next()
        assert len(found.devices) == 4
        assert (found.unread, found.incomplete) == ((kind,), incomplete)
        state = await seen.stands()
        assert state.startswith("degraded: ")
        assert f"may not view {kind}: give it an object permission with the action view" in state


async def test_without_the_right_to_devices_the_inventory_stays(fake: FakeNetbox) -> None:
    """When nothing is left to publish the missing right is named, not an empty NetBox."""
    fake.tokens[V1] = Token(may_not_view={"dcim.device"})
    async with synced(fake, token=V1) as (_, seen):
        state = await seen.stands()
        assert "may not view dcim.device" in state
        assert state.endswith("the inventory is unchanged")
        assert seen.published.empty()


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("dcim.interface", rewire),
        ("dcim.cable", rewire),
        ("ipam.ipaddress", move_address),
        ("core.objectchange", rewire),
    ],
)
async def test_a_right_that_comes_and_goes_is_noticed(
    fake: FakeNetbox, kind: str, change: Callable[[Estate], None]
) -> None:
    """A right lost between two full syncs degrades, and once it is back everything is read again."""
    token = fake.tokens[V1] = Token()
    async with synced(fake, token=V1, webhook_secret=SECRET) as (made, seen):
        await seen.next()
        assert await seen.stands() == "works"
        token.may_not_view.add(kind)
        change(fake.estate)
        await made.receive(signed(b""))
        assert kind in await seen.stands()
        assert kind in (await seen.next()).unread
        token.may_not_view.clear()
        await made.receive(signed(b""))
        assert await seen.stands() == "works"
        assert same(await seen.next()) == same(assembled(fake.estate).inventory)


async def test_changes_go_on_without_a_list(fake: FakeNetbox) -> None:
    """Changelog entries of lists that may not be viewed are left out; the rest is applied."""
    fake.tokens[V1] = Token(may_not_view={"dcim.cable", "tenancy.contact"})
    async with synced(fake, token=V1, webhook_secret=SECRET) as (made, seen):
        await seen.next()
        contact(fake.estate)
        rewire(fake.estate)
        fake.estate.change("dcim.device", 4, name="renamed")
        await made.receive(signed(b""))
        found = await seen.next()
        assert "renamed" in {device.name for device in found.devices}
        assert same(found).dependencies == same(assembled(fake.estate).inventory).dependencies


async def test_an_empty_netbox_empties_nothing(fake: FakeNetbox) -> None:
    """A permission that shows no device any more must not have all of them retired."""
    async with synced(fake, webhook_secret=SECRET) as (made, seen):
        await seen.next()
        assert await seen.stands() == "works"
        for key in (4, 3, 2, 1):
            fake.estate.remove("dcim.device", key)
        await made.receive(signed(b""))
        assert "shows no device with an address: the inventory is unchanged" in await seen.stands()
        assert seen.published.empty()


async def test_an_inventory_not_stored_is_published_again(fake: FakeNetbox) -> None:
    """While the database is away the inventory waits in memory; the next look publishes it."""
    async with synced(fake, webhook_secret=SECRET) as (made, seen):
        seen.refuse = [StoreUnavailable("away")]
        assert await seen.stands() == "away"
        await made.receive(signed(b""))
        assert len((await seen.next()).devices) == 4


async def test_the_clock_makes_it_look(fake: FakeNetbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without webhooks changes are found by themselves, and everything is read anew now and then."""
    monkeypatch.setattr("connectors.netbox.config.SHORTEST_INTERVAL", timedelta(0))
    fake.estate.keeps_changelog = False
    async with synced(fake, changes_interval=0.05, sync_interval=0.2) as (_, seen):
        await seen.next()
        fake.estate.change("dcim.device", 4, name="unlogged")
        while "unlogged" not in {device.name for device in (await seen.next()).devices}:
            pass
        fake.estate.keeps_changelog = True
        fake.estate.change("dcim.device", 4, name="logged")
        while "logged" not in {device.name for device in (await seen.next()).devices}:
            pass
        assert "core/object-changes" in " ".join(fake.requests)


async def test_a_stop_does_not_wait(fake: FakeNetbox) -> None:
    """Cancelling ends at once, though a request hangs; its thread is left alone."""
    fake.troubles = [Trouble(path="dcim/devices", wait=asyncio.Event(), times=9)]
    seen = Seen()
    running = asyncio.create_task(inventory(fake, seen).run(seen.publish))
    while not any("dcim/devices" in each for each in fake.requests):
        await asyncio.sleep(0.01)
    running.cancel()
    async with asyncio.timeout(4):
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_the_token_goes_to_the_configured_server_only(fake: FakeNetbox) -> None:
    """A link to the next page that names another server is followed on ours."""
    fake.next_root = "http://netbox.invalid:9"
    fake.most_rows = 2
    async with synced(fake) as (_, seen):
        assert len((await seen.next()).devices) == 4


async def test_netbox_may_live_below_a_path() -> None:
    """A base path is kept for every request."""
    fake = FakeNetbox(small(), base_path="/netbox", most_rows=2)
    async with serving(fake), synced(fake) as (_, seen):
        assert len((await seen.next()).devices) == 4
        assert all(each.startswith("/netbox/api/") for each in fake.requests)


async def test_progress_is_reported(
    fake: FakeNetbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A long sync logs its progress, and one line at its end has counts and seconds."""
    monkeypatch.setattr("connectors.netbox.reading.PROGRESS_EVERY_S", 0.0)
    caplog.set_level("INFO", "connectors.netbox")
    async with synced(fake, token=V1) as (_, seen):
        await seen.next()
        assert await seen.stands() == "works"
    lines: list[dict[str, Any]] = [vars(record) for record in caplog.records]
    assert {"interfaces", "devices"} <= {line["table"] for line in lines if line["msg"] == "reading NetBox"}
    [end] = [line for line in lines if line["msg"] == "inventory is synchronized with NetBox"]
    assert (end["devices"], end["dependencies"], end["not_listed"]) == (4, 3, 2)
    assert V1 not in caplog.text
