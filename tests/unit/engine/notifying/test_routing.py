"""Who is notified: conditions of rules, throttling, duplicates."""

import pytest

from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.command import Acknowledge, Resolve, Shelve, Unacknowledge
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.rule import NotificationRule, RuleChannel
from tests.support.engine.pipeline_scene import ALL, ANNA, Scene, rule, seconds

LEAF = "10.1.2.3"


def verdict(subject: NotificationRule, device_ip: str | None = LEAF, **values: object) -> tuple[bool, str]:
    """Evaluate one rule for a major link-down of the leaf."""
    scene = Scene(rules=[subject])
    ((_, fired, reason),) = routing(scene, scene.problem(device_ip, "network_link_down", "major", **values))
    return fired, reason


def routing(scene: Scene, changes: Changes) -> list[tuple[str, bool, str]]:
    """Explain the decision in the first row of history."""
    return scene.verdicts(changes.history[0])


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"severity": ("critical", "major")},
        {"category": ("network",)},
        {"alert_type": ("power_*", "network_*")},
        {"source_system": ("traps",)},
        {"device_ip_pattern": ("10.1.*",)},
        {"device_ip_pattern": ("10.9.*", "10.1.0.0/16")},
        {"device_ip_pattern": ("10.1.2.3",)},
        {"device_ip_pattern": ("10.1.2.[1-5]",)},
    ],
)
def test_a_rule_fires_when_all_conditions_are_met(conditions: dict[str, object]) -> None:
    """An empty condition does not restrict."""
    assert verdict(rule("r", **conditions)) == (True, "all conditions are met")


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ({"severity": ("critical",)}, "severity is major, not critical"),
        ({"category": ("power", "video")}, "category is network, not power, video"),
        ({"alert_type": ("power_*",)}, "alert_type network_link_down does not match power_*"),
        ({"source_system": ("prtg",)}, "source_system is traps, not prtg"),
        (
            {"device_ip_pattern": ("10.2.0.0/16", "10.3.*")},
            "device_ip 10.1.2.3 is not in 10.2.0.0/16, 10.3.*",
        ),
    ],
)
def test_a_rule_that_does_not_fire_says_why(conditions: dict[str, object], reason: str) -> None:
    """The reason has the value found and the value required."""
    assert verdict(rule("r", **conditions)) == (False, reason)


def test_a_device_without_address_is_in_no_network() -> None:
    """The reason says so."""
    decision = verdict(rule("r", device_ip_pattern=("10.*",)), None, device_name="app")
    assert decision == (False, "the device has no address, device_ip_pattern requires 10.*")


def test_a_network_matches_ipv6_too() -> None:
    """By address, not by text."""
    assert verdict(rule("r", device_ip_pattern=("2001:db8::/32",)), "2001:DB8:1::5")[0]


def test_a_disabled_rule_and_one_without_channel_do_not_fire() -> None:
    """Both say so."""
    off = NotificationRule(id=ALL.id, name="off", channels=ALL.channels, enabled=False)
    mute = NotificationRule(id=ALL.id, name="mute", channels=())
    assert verdict(off) == (False, "the rule is disabled")
    assert verdict(mute) == (False, "the rule has no channel")


def test_rules_are_asked_in_the_order_of_their_priority() -> None:
    """Lower numbers first, whatever order they came in."""
    scene = Scene(rules=[rule("last", 9), rule("first", 3)])
    assert [name for name, *_ in routing(scene, scene.problem(LEAF))] == ["first", "last"]


def test_a_rule_without_recipients_sends_to_its_channel() -> None:
    """A webhook needs no recipients."""
    hook = NotificationRule(id=ALL.id, name="hook", channels=(RuleChannel(channel="hook"),))
    (intent,) = Scene(rules=[hook]).problem(LEAF).notifications
    assert (intent.channel, intent.recipient, intent.rule_name) == ("hook", "", "hook")


def test_a_recipient_of_two_rules_is_notified_once() -> None:
    """The first rule sends; the second says why it does not."""
    double = NotificationRule(id=rule("x").id, name="double", channels=ALL.channels, priority=200)
    scene = Scene(rules=[ALL, double])
    changes = scene.problem(LEAF)
    assert len(changes.notifications) == 1
    assert routing(scene, changes)[1][2] == "all its recipients are notified by an earlier rule"


def test_a_throttled_rule_sends_a_fingerprint_once_within_its_time() -> None:
    """Another fingerprint is not affected; without a sent problem no recovery is sent."""
    scene = Scene(rules=[rule("quiet", throttle_s=600)])
    scene.problem(LEAF)
    scene.clear(LEAF)
    scene.now += seconds(60)
    changes = scene.problem(LEAF)
    assert not changes.notifications
    assert routing(scene, changes)[0][2].startswith("throttled until 2026-03-01 12:10:00 UTC")
    scene.clear(LEAF)
    scene.problem("10.1.2.4")
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}", "problem 10.1.2.4"]


def throttled(*others: NotificationRule) -> Scene:
    """Return a scene in which a problem is back, and the rule is throttled for nine more minutes."""
    scene = Scene(rules=[rule("quiet", throttle_s=600), *others])
    scene.problem(LEAF)
    scene.clear(LEAF)
    scene.now += seconds(60)
    scene.problem(LEAF)
    return scene


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_problem_that_is_still_open_after_the_throttle_is_sent_then(*, is_restarted: bool) -> None:
    """The last message said that it was over; the decision has the time, and a restart forgets nothing."""
    scene = throttled()
    if is_restarted:
        scene.restart()
    assert not scene.wait(539).notifications
    scene.wait(1)
    assert scene.sent()[2:] == [f"problem {LEAF}"]
    assert scene.engine.next_due() is None
    scene.clear(LEAF)
    assert scene.sent()[3:] == [f"recovery {LEAF}"]


@pytest.mark.parametrize("command", [Acknowledge, Resolve])
def test_a_problem_that_is_taken_or_over_is_not_sent_after_the_throttle(
    command: type[Acknowledge | Resolve],
) -> None:
    """There is nothing left to say."""
    scene = throttled()
    before = len(scene.sent())
    scene.order(command(alert_id=scene.alert(LEAF).id, operator=ANNA))
    scene.wait(1_000)
    assert len(scene.sent()) == before


def test_a_problem_is_sent_once_if_it_gets_worse_within_the_throttle() -> None:
    """That is not throttled, and nothing is left for the end of the throttle."""
    scene = throttled()
    scene.problem(LEAF, severity="critical")
    assert scene.sent()[2:] == [f"problem {LEAF}"]
    assert not scene.wait(1_000).history
    assert scene.sent()[2:] == [f"problem {LEAF}"]


def test_a_problem_on_the_shelf_is_sent_after_throttle_and_shelf() -> None:
    """Also if another rule has notified of it."""
    scene = throttled(rule("other", 3))
    before = len(scene.sent())
    until = scene.now + seconds(1_000)
    scene.order(Shelve(alert_id=scene.alert(LEAF).id, operator=ANNA, until=until))
    scene.wait(900)
    assert len(scene.sent()) == before
    scene.wait(100)
    scene.wait(0)
    assert scene.notified()[before:] == [("problem", LEAF, "quiet")]


def test_an_acknowledgement_that_is_withdrawn_leaves_the_throttle() -> None:
    """The rule is evaluated when both are over."""
    scene = throttled(rule("other", 3))
    alert_id, before = scene.alert(LEAF).id, len(scene.sent())
    scene.order(Acknowledge(alert_id=alert_id, operator=ANNA))
    scene.wait(1_000)
    scene.order(Unacknowledge(alert_id=alert_id, operator=ANNA))
    scene.wait(0)
    assert scene.notified()[before:] == [("problem", LEAF, "quiet")]


def test_a_rule_that_fires_no_more_is_not_sent_after_the_throttle() -> None:
    """Its conditions are looked at again; the history says so."""
    scene = Scene(rules=[rule("quiet", throttle_s=600, minimum_severity=Severity.MAJOR)])
    scene.problem(LEAF)
    scene.clear(LEAF)
    scene.problem(LEAF)
    scene.problem(LEAF, severity="minor")
    changes = scene.wait(600)
    assert not changes.notifications
    assert routing(scene, changes)[0][2] == "it was throttled, and no longer fires"


def test_a_throttled_rule_sends_again_after_its_time() -> None:
    """After ten minutes it is sent again."""
    scene = Scene(rules=[rule("quiet", throttle_s=120)])
    scene.problem(LEAF)
    scene.clear(LEAF)
    scene.now += seconds(120)
    scene.problem(LEAF)
    assert scene.sent().count(f"problem {LEAF}") == 2


def test_throttling_does_not_hide_a_higher_severity() -> None:
    """Only repeats of the same severity are held back."""
    scene = Scene(rules=[rule("quiet", throttle_s=600)])
    scene.problem(LEAF, severity="major")
    scene.problem(LEAF, severity="critical")
    scene.problem(LEAF, severity="minor")
    scene.problem(LEAF, severity="critical")
    assert scene.sent() == [f"problem {LEAF}", f"worse {LEAF}"]


def test_throttling_survives_a_restart() -> None:
    """The notified recipients are stored with the alert."""
    scene = Scene(rules=[rule("quiet", throttle_s=600)])
    scene.problem(LEAF)
    scene.clear(LEAF)
    scene.now += seconds(60)
    scene.restart()
    assert not scene.problem(LEAF).notifications


def test_a_first_message_to_a_recipient_is_a_problem() -> None:
    """The rule for critical alerts fires when it becomes critical; the other sends that it got worse."""
    scene = Scene(rules=[ALL, rule("boss", 200, severity=("critical",))])
    scene.problem(LEAF, severity="minor")
    scene.problem(LEAF, severity="critical")
    assert scene.notified() == [
        ("problem", LEAF, "noc@example.org"),
        ("worse", LEAF, "noc@example.org"),
        ("problem", LEAF, "boss"),
    ]
    scene.clear(LEAF)
    assert sorted(scene.notified()[3:]) == [("recovery", LEAF, "boss"), ("recovery", LEAF, "noc@example.org")]


def test_recovery_goes_to_recipients_of_the_problem_without_the_rule() -> None:
    """Recipients of a problem get its recovery without the rule, too."""
    scene = Scene()
    scene.problem(LEAF)
    scene.reconfigure(rules=[])
    scene.clear(LEAF)
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}"]


def test_a_new_rule_applies_to_later_events_only() -> None:
    """An open alert is not sent again."""
    scene = Scene(rules=[])
    scene.problem(LEAF)
    scene.reconfigure(rules=[ALL])
    scene.wait(1000)
    assert scene.notified() == []


def test_facts_are_json_ready_and_complete() -> None:
    """Every column, and what only the moment knows."""
    scene = Scene()
    (intent,) = scene.problem(LEAF, tags=("x",), expires_after=seconds(60)).notifications
    facts = dict(intent.facts)
    assert facts["severity"] == "major"
    assert type(facts["severity"]) is str
    assert facts["occurred_at"] == "2026-03-01T12:00:00+00:00"
    assert facts["tags"] == ["x"]
    assert facts["expires_after_s"] == 60
    assert (facts["kind"], facts["rule"], facts["cause"], facts["impacted"]) == ("problem", "all", None, 0)
    assert set(Alert.__slots__) - {"expires_after", "planned"} <= set(facts)
