"""Problems of the daemon itself become alerts that clear by themselves."""

from datetime import timedelta

import pytest

from opsconductor.errors import NormalizeError
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.equations import Gap, LedgerEntry
from opsconductor.model.enums import Category, ConnectorStatus, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.listed import InventoryLoss
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.selfcheck.watch.losses import Losses, counters_of
from opsconductor.selfcheck.watch.rules import troubles_of_rules
from opsconductor.selfcheck.watch.silences import SilenceWatch
from opsconductor.selfcheck.watch.source import SelfSource, event_of
from opsconductor.selfcheck.watch.trouble import Facts, Loss, Silence, SpoolFacts, Trouble, troubles_of
from opsconductor.selfcheck.watch.waiting import troubles_of_losses
from opsconductor.store.notifications.undelivered import Undelivered

EMPTY = SpoolFacts(entries=0, bytes=0, limit_bytes=1_000, age=timedelta(0))
FINE = {"is_database_away": False, "spool": EMPTY, "connectors": {}, "losses": (), "silences": ()}

GONE = Undelivered(
    channel="noc-mail", amount=3, recipients=2, title="Link Down", device="core-1", error="550 no such user"
)


def types(**facts: object) -> list[tuple[str, str, Severity]]:
    """Judge good facts with some changes; list type, resource and severity of the troubles."""
    found = troubles_of(Facts(**{**FINE, **facts}))  # type: ignore[arg-type]
    return [(each.alert_type, each.resource, each.severity) for each in found]


def test_a_rule_that_reaches_no_one_is_a_trouble() -> None:
    """One for each rule, whatever its name is."""
    found = [*troubles_of_rules(("night", "{day}"))]
    assert {each.alert_type for each in found} == {"application_rule_reaches_no_one"}
    assert [each.resource for each in found] == ["rule=night", "rule={day}"]
    assert "{" not in found[1].title + found[1].message


def test_a_healthy_daemon_has_no_trouble() -> None:
    """There is no alert without a trouble; a connector that has not reported its state counts as healthy."""
    assert types(connectors={"traps": (ConnectorStatus.UNKNOWN, None)}) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"is_database_away": True}, ("application_database_away", "", Severity.CRITICAL)),
        (
            {"connectors": {"traps": (ConnectorStatus.ERROR, "port taken")}},
            ("application_connector_down", "connector=traps", Severity.MAJOR),
        ),
        (
            {"connectors": {"netbox": (ConnectorStatus.DEGRADED, "may not view dcim.cable")}},
            ("application_connector_degraded", "connector=netbox", Severity.MINOR),
        ),
        (
            {"losses": [Loss(kind="kernel_drop", connector="traps", amount=3)]},
            ("application_kernel_drops", "connector=traps", Severity.MAJOR),
        ),
        (
            {"losses": [Loss(kind="gap", connector="traps", amount=3)]},
            ("application_ledger_gap", "connector=traps", Severity.CRITICAL),
        ),
        (
            {"losses": [Loss(kind="failed", connector="traps", amount=3)]},
            ("application_events_failed", "connector=traps", Severity.MAJOR),
        ),
        (
            {"undelivered": [GONE]},
            ("application_notifications_given_up", "channel=noc-mail", Severity.MAJOR),
        ),
        ({"unclean": 12}, ("application_unclean_stop", "", Severity.MAJOR)),
        ({"canary": "not delivered"}, ("application_canary_lost", "", Severity.CRITICAL)),
    ],
)
def test_each_trouble_is_its_own_alert(facts: dict[str, object], expected: object) -> None:
    """Type, resource and severity of every possible trouble."""
    assert types(**facts) == [expected]


@pytest.mark.parametrize(
    ("spool", "severity"),
    [
        (SpoolFacts(entries=1, bytes=10, limit_bytes=1_000, age=timedelta(seconds=59)), None),
        (SpoolFacts(entries=1, bytes=10, limit_bytes=1_000, age=timedelta(seconds=61)), Severity.WARNING),
        (SpoolFacts(entries=1, bytes=800, limit_bytes=1_000, age=timedelta(0)), Severity.CRITICAL),
    ],
)
def test_spool_is_a_trouble_when_it_lasts_or_fills(spool: SpoolFacts, severity: Severity | None) -> None:
    """A restart of PostgreSQL is nothing; a minute without it is a warning, a full spool critical."""
    found = [(each[0], each[2]) for each in types(spool=spool)]
    assert found == ([] if severity is None else [("application_spool_in_use", severity)])


def test_silence_says_for_how_long_and_what_was_expected() -> None:
    """A silent source and a silent device have different alert types."""
    silences = [
        Silence(what="connector", name="traps", lasts=timedelta(minutes=61), expected=timedelta(hours=1)),
        Silence(what="device", name="10.0.0.1", lasts=timedelta(days=2), expected=timedelta(days=1)),
    ]
    source, device = troubles_of(Facts(**{**FINE, "silences": silences}))  # type: ignore[arg-type]
    assert (source.alert_type, source.resource) == ("application_source_silent", "connector=traps")
    assert (device.alert_type, device.resource) == ("application_device_silent", "device=10.0.0.1")
    assert "1h1m" in source.message
    assert "every 1h" in source.message


def test_a_loss_lasts_until_it_was_quiet_for_long_enough() -> None:
    """It adds up while it lasts, ends after the quiet time, and starts from zero the next time."""
    losses, what = Losses(quiet_s=60), ("kernel_drop", "traps")
    assert losses.look({what: 0}, 0) == []
    assert losses.look({what: 5}, 10) == [Loss(kind="kernel_drop", connector="traps", amount=5)]
    assert losses.look({what: 8}, 60) == [Loss(kind="kernel_drop", connector="traps", amount=8)]
    assert losses.look({what: 8}, 119) == [Loss(kind="kernel_drop", connector="traps", amount=8)]
    assert losses.look({what: 8}, 120) == []
    assert losses.look({what: 9}, 121) == [Loss(kind="kernel_drop", connector="traps", amount=1)]


def test_losses_are_picked_from_the_ledger() -> None:
    """Rejections are no loss; drops of all reasons are one, gaps of all sums another."""
    entries = [
        LedgerEntry("traps", "kernel_drop", "", 2),
        LedgerEntry("traps", "kernel_drop", "before_start", 3),
        LedgerEntry("traps", "refused", "community", 9),
    ]
    gaps = [Gap(connector="traps", equation=name, missing=1) for name in ("taken", "folded")]
    assert counters_of(entries, gaps) == {("kernel_drop", "traps"): 5, ("gap", "traps"): 2}


def test_sources_and_devices_are_silent_after_their_time() -> None:
    """Silence counts from the start; a message ends it."""
    hour = timedelta(hours=1)
    silences = SilenceWatch({"traps": hour}, {"10.0.0.1": 2 * hour}, now_s=0)
    taken = 0
    assert silences.look(lambda _: taken, {"10.0.0.1": 0.0}, 3_600) == []
    assert [each.name for each in silences.look(lambda _: taken, {"10.0.0.1": 0.0}, 7_201)] == [
        "traps",
        "10.0.0.1",
    ]
    taken = 1
    assert silences.look(lambda _: taken, {"10.0.0.1": 7_300.0}, 7_301) == []
    (silent,) = silences.look(lambda _: taken, {"10.0.0.1": 7_300.0}, 11_000)
    assert (silent.what, silent.name) == ("connector", "traps")


def test_only_watched_devices_are_remembered() -> None:
    """The time of the last message is kept for the devices that must not be silent, by their address."""
    now_s = 5.0
    last_seen = LastSeen(["10.0.0.1"], lambda: now_s)
    now_s = 9.0
    event = event_of(
        [Trouble(alert_type="application_x", severity=Severity.INFO, title="t", message="")], "h"
    )
    alerts = SelfSource().normalize(event).alerts
    local = [alerts[0]._replace(device_ip=address) for address in ("10.0.0.1", "10.9.9.9")]
    last_seen.note(identify(local, InventorySnapshot((), ())))
    assert last_seen.last_s == {"10.0.0.1": 9.0}


def test_a_trouble_comes_back_from_its_event() -> None:
    """A trouble is an alert of the host, of category application, in one scope."""
    trouble = Trouble(
        alert_type="application_kernel_drops",
        severity=Severity.MAJOR,
        title="Kernel Drops - traps",
        message="5 messages",
        resource="connector=traps",
    )
    snapshot = SelfSource().normalize(event_of([trouble], "noc-1"))
    (alert,) = snapshot.alerts
    assert snapshot.scope == alert.source_system == "opsconductor"
    assert (alert.device_name, alert.device_ip, alert.category) == ("noc-1", None, Category.APPLICATION)
    assert (alert.alert_type, alert.resource, alert.message) == (
        "application_kernel_drops",
        "connector=traps",
        "5 messages",
    )


def test_a_foreign_event_is_refused() -> None:
    """An event of a damaged archive raises the connector's own error."""
    good = event_of([], "noc-1")
    for payload in (b"", b"{}", b'{"host": "h", "troubles": [{}]}', b'{"host": "h", "troubles": 1}', b"\xff"):
        with pytest.raises(NormalizeError):
            SelfSource().normalize(RawEvent("opsconductor", payload, good.received_at))


def test_notifications_that_were_given_up_are_reported_with_reason_and_remedy() -> None:
    """Channel, number, recipients, the alert, the reason, and the remedy."""
    (found_trouble,) = troubles_of(Facts(**{**FINE, "undelivered": [GONE]}))  # type: ignore[arg-type]
    assert found_trouble.title == "Notifications Given Up - noc-mail"
    assert found_trouble.message == (
        "3 notifications over noc-mail to 2 recipients were given up and never arrived, the latest about"
        " Link Down on core-1: 550 no such user. Correct the recipients in the rules or the configuration of"
        " the channel, and test it: opsconductor connectors check noc-mail. Send them"
        " again: opsconductor channels resend --channel noc-mail. It clears when a recipient is"
        " reached again."
    )


def test_an_inventory_that_shows_far_less_is_an_alert_with_the_numbers() -> None:
    """It has the next steps and the command that accepts the removals."""
    loss = InventoryLoss(
        devices=33, known_devices=44, dependencies=50, known_dependencies=61, names=("sw1", "sw2")
    )
    [trouble] = troubles_of_losses({"netbox": loss})
    assert (trouble.alert_type, trouble.severity) == ("application_inventory_waits", Severity.MAJOR)
    assert trouble.resource == "connector=netbox"
    assert trouble.message == (
        "33 of 44 devices and 50 of 61 dependencies are no longer listed. They are kept: check whether "
        "its user lost permissions. If they are really gone: "
        "opsconductor inventory accept netbox. Among them: sw1, sw2."
    )
