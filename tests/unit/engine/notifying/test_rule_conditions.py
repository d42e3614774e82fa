"""Conditions of rules, single and combined: met, or with the reason why not."""

from datetime import UTC, date, datetime, timedelta

import pytest

from opsconductor.model.enums import AlertEvent, Priority, Severity
from opsconductor.model.notifications.rule import Conditions
from opsconductor.model.notifications.time_window import OnHolidays, RecurringWindow
from tests.support.engine.pipeline_scene import START, Scene, device, rule

LEAF = "10.1.2.3"
SWITCH = device(
    LEAF,
    "sw-1",
    site="Hamburg",
    role="access",
    tags=("core", "voice"),
    custom_fields={"team": "net", "level": 2, "spare": True},
)
OFFICE = RecurringWindow(zone="Europe/Berlin", days=frozenset(range(5)), begin=8 * 60, end=18 * 60)


def verdict(**conditions: object) -> tuple[bool, str]:
    """Evaluate a rule for a major link-down of a switch in Hamburg, on a Sunday at 13:00 in Berlin."""
    scene = Scene(rules=[rule("r", **conditions)], devices=[SWITCH])
    changes = scene.problem(LEAF, "network_link_down", "major", custom_fields={"line": "A7"})
    ((_, fired, reason),) = scene.verdicts(changes.history[0])
    assert fired is bool(changes.notifications)
    return fired, reason


@pytest.mark.parametrize(
    "conditions",
    [
        {"minimum_severity": Severity.MAJOR},
        {"minimum_severity": Severity.INFO},
        {"device_ip_pattern": ("10.1.2.1-10.1.2.3",)},
        {"device_ip_pattern": ("10.9.*", "10.1.2.*")},
        {"device_name": ("SW-*",)},
        {"site": ("ham*",)},
        {"role": ("core", "access")},
        {"device_tags": ("voice",)},
        {"custom_fields": (("team", ("net", "power")),)},
        {"custom_fields": (("level", ("2",)), ("spare", ("true",)))},
        {"custom_fields": (("line", ("A*",)),)},
        {"priority": (Priority.P3, Priority.P4)},
        {"event": (AlertEvent.CREATED,)},
        {"minimum_occurrences": 1},
        {"is_cause": False},
        {"time": (RecurringWindow(zone="Europe/Berlin", days=frozenset({6}), begin=12 * 60),)},
        {"any": (Conditions(site=("Kiel",)), Conditions(role=("access",)))},
        {"all": (Conditions(site=("Hamburg",)), Conditions(role=("access",)))},
        {"none": (Conditions(site=("Kiel",)), Conditions(severity=(Severity.CRITICAL,)))},
    ],
    ids=str,
)
def test_a_condition_is_met(conditions: dict[str, object]) -> None:
    """The rule fires for the link-down of the switch in Hamburg."""
    assert verdict(**conditions) == (True, "all conditions are met")


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ({"minimum_severity": Severity.CRITICAL}, "severity is major, below critical"),
        ({"device_ip_pattern": ("10.1.2.4-10.1.2.9",)}, "device_ip 10.1.2.3 is not in 10.1.2.4-10.1.2.9"),
        ({"device_name": ("rt-*",)}, "device_name sw-1 does not match rt-*"),
        ({"site": ("Kiel",)}, "site Hamburg does not match Kiel"),
        ({"device_tags": ("lab",)}, "device_tags is core, voice, not lab"),
        ({"custom_fields": (("team", ("power",)),)}, "custom_fields.team is net, not power"),
        ({"custom_fields": (("rack", ("A*",)),)}, "custom_fields.rack is nothing, not A*"),
        ({"event": (AlertEvent.REOPENED,)}, "event is created, not reopened"),
        ({"minimum_occurrences": 3}, "it has occurred 1 times, minimum_occurrences is 3"),
        ({"is_cause": True}, "it is the cause of no other alerts, is_cause is true"),
        ({"minimum_age": timedelta(minutes=10)}, "the problem has lasted for 0s, minimum_age is 10m"),
        (
            {"unacknowledged_for": timedelta(minutes=15)},
            "it has been unacknowledged for 0s, unacknowledged_for is 15m",
        ),
        (
            {"time": (OFFICE,)},
            "the time is Sun 2026-03-01 13:00 CET, outside mon, tue, wed, thu, fri 08:00-18:00 Europe/Berlin",
        ),
        (
            {"any": (Conditions(site=("Kiel",)), Conditions(role=("core",)))},
            "none of these is met: site Hamburg does not match Kiel; role access does not match core",
        ),
        ({"all": (Conditions(site=("Kiel",)),)}, "site Hamburg does not match Kiel"),
        ({"none": (Conditions(site=("Hamburg",)),)}, "excluded: site is Hamburg"),
    ],
    ids=str,
)
def test_a_condition_is_not_met(conditions: dict[str, object], reason: str) -> None:
    """The reason names what was found and what was required."""
    assert verdict(**conditions) == (False, reason)


def test_a_device_that_is_not_in_the_inventory_has_no_site() -> None:
    """The reason says so."""
    scene = Scene(rules=[rule("r", site=("Hamburg",))])
    changes = scene.problem("10.9.9.9")
    assert scene.verdicts(changes.history[0]) == [
        ("r", False, "the device has no site, site requires Hamburg")
    ]


def test_a_rule_that_stops_ends_the_evaluation() -> None:
    """Rules after it are not evaluated; one that does not fire stops nothing."""
    rules = [rule("a", 1), rule("b", 2, stop=True), rule("c", 3)]
    scene = Scene(rules=[rule("no", 0, stop=True, site=("Kiel",)), *rules])
    changes = scene.problem(LEAF)
    assert [sent.recipient for sent in changes.notifications] == ["a", "b"]
    assert scene.verdicts(changes.history[0])[-1] == ("c", False, "the rule b ends the evaluation")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-27T07:30+00:00", True),  # Friday 08:30 CET
        ("2026-03-27T06:59+00:00", False),
        ("2026-03-30T06:30+00:00", True),  # Monday 08:30 CEST, after the clock was moved
        ("2026-03-30T16:01+00:00", False),
        ("2026-03-28T10:00+00:00", False),  # Saturday
        ("2026-12-25T10:00+00:00", False),  # a holiday
    ],
)
def test_working_hours_follow_the_local_clock(at: str, is_open: bool) -> None:  # noqa: FBT001
    """Summer time moves the window with the clock; a holiday closes it."""
    window = RecurringWindow(
        zone="Europe/Berlin",
        days=frozenset(range(5)),
        begin=480,
        end=1080,
        holidays=frozenset({date(2026, 12, 25)}),
    )
    scene = Scene(rules=[rule("r", time=(window,))])
    scene.now = datetime.fromisoformat(at)
    assert bool(scene.problem(LEAF).notifications) is is_open


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """Of the night from Friday to Saturday every hour counts, and of the one from Saturday none."""
    night = RecurringWindow(zone="UTC", days=frozenset({4}), begin=22 * 60, end=6 * 60)
    for day, hour, is_open in ((6, 21, False), (6, 22, True), (7, 5, True), (7, 6, False), (7, 23, False)):
        scene = Scene(rules=[rule("r", time=(night,))])
        scene.now = datetime(2026, 3, day, hour, tzinfo=UTC)
        assert bool(scene.problem(LEAF).notifications) is is_open


def test_holidays_can_be_added_to_the_days() -> None:
    """A window for weekends also opens on a holiday in the week."""
    weekend = RecurringWindow(
        zone="Europe/Berlin",
        days=frozenset({5, 6}),
        holidays=frozenset({date(2026, 12, 25)}),
        on_holidays=OnHolidays.INCLUDED,
    )
    for day, is_open in ((24, False), (25, True), (26, True), (28, False)):
        scene = Scene(rules=[rule("r", time=(weekend,))])
        scene.now = datetime(2026, 12, day, 12, tzinfo=UTC)
        assert bool(scene.problem(LEAF).notifications) is is_open


def test_a_rule_of_an_event_is_asked_about_that_event_only() -> None:
    """Without an event in its condition a rule is evaluated for problems; acknowledgements need one."""
    scene = Scene(rules=[rule("taken", event=(AlertEvent.ACKNOWLEDGED,))])
    changes = scene.problem(LEAF)
    assert scene.verdicts(changes.history[0]) == [("taken", False, "event is created, not acknowledged")]
    assert scene.now == START
