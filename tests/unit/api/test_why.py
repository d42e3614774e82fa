"""The answer to the question why a recipient was or was not notified."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from opsconductor.api.why import Evidence, sentence_for
from opsconductor.engine.routing.explaining import ExplainedVerdict
from opsconductor.model.alert import NotifiedRecipient, PlannedNotification
from opsconductor.model.enums import Status
from opsconductor.model.notifications.rule import RuleChannel
from tests.support.engine.people_scene import (
    directory,
    layer,
    mail,
    paging,
    person,
    phone,
    policy,
    schedule,
    step,
)
from tests.support.engine.pipeline_scene import START, rule
from tests.unit.api.test_api_pure import an_alert

AT = "2026-03-01 12:00:00 UTC"
BY = "by rule boss over mail (problem)"
BOSS = rule("boss")
YOUNG = ExplainedVerdict("boss", fired=False, reason="the problem has lasted for 0s", is_recorded=False)


def delivery(status: str, **values: Any) -> dict[str, Any]:
    """Make the outcome of one message to the boss."""
    return {
        "rule_name": "boss",
        "channel": "mail",
        "recipient": "boss",
        "kind": "problem",
        "status": status,
        "attempts": 1,
        "error_message": None,
        "created_at": START,
        "sent_at": START if status == "sent" else None,
    } | values


def answer(*deliveries: dict[str, Any], name: str = "boss", alert: Any = None, **values: Any) -> str:
    """Ask why the boss was or was not notified."""
    given: dict[str, Any] = {"cause": None, "verdicts": [YOUNG], "rules": [BOSS], **values}
    return sentence_for(name, Evidence(alert=alert or an_alert(), deliveries=deliveries, **given))


@pytest.mark.parametrize(
    ("deliveries", "expected"),
    [
        (
            [delivery("sent")],
            "boss was notified at 2026-03-01 12:00:00 UTC by rule boss over mail (problem).",
        ),
        (
            [delivery("sent"), delivery("sent", kind="worse"), delivery("sent", kind="recovery")],
            f"boss was notified at {AT} by rule boss over mail (worse), the last of 2 times.",
        ),
        (
            [delivery("pending", attempts=2, error_message="refused")],
            f"boss is being notified {BY}: since {AT}, after 2 attempts: refused.",
        ),
        (
            [delivery("failed", error_message="full")],
            f"boss was not notified: the message {BY} failed after 1 attempt: full.",
        ),
    ],
)
def test_the_outcome_of_the_message_comes_first(deliveries: list[dict[str, Any]], expected: str) -> None:
    """It has the time, the rule, the channel and the error."""
    assert answer(*deliveries) == expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("", "what is beyond the limit of the recipient"),
        ("site=Hamburg", "the group site=Hamburg"),
    ],
)
def test_a_message_that_waits_says_until_when_and_with_what(group: str, expected: str) -> None:
    """The answer has the time of a grouped message, whatever was sent before."""
    notified = NotifiedRecipient(
        rule_id=UUID(int=2),
        rule_name="boss",
        channel="mail",
        recipient="boss",
        group=group,
        batch=UUID(int=9),
    )
    alert = replace(an_alert(), notified=(notified,))
    due = {("mail", "boss"): START}
    assert answer(delivery("sent"), alert=alert, waits=due) == (
        f"boss will be notified by rule boss over mail at {AT}, in one message about {expected}."
    )
    assert "was notified" in answer(alert=alert)


def test_without_a_message_the_condition_that_failed_is_the_answer() -> None:
    """The answer has the condition that failed and when waiting rules are evaluated again."""
    assert answer() == "boss was not notified: rule boss: the problem has lasted for 0s."
    waits = replace(an_alert(), reroute_at=START + timedelta(minutes=10))
    assert answer(alert=waits).endswith("(rules that wait are evaluated again at 2026-03-01 12:10:00 UTC).")


def test_an_alert_that_is_held_or_suppressed_is_the_reason() -> None:
    """The state of the alert comes before the conditions of rules."""
    held = replace(an_alert(), notify_at=START)
    assert "held until 2026-03-01 12:00:00 UTC" in answer(alert=held)
    below = replace(an_alert(), status=Status.SUPPRESSED)
    assert answer(alert=below, cause="core down").endswith("is suppressed because of core down.")
    flaps = replace(an_alert(), flapping_since=START)
    assert "flapping since 2026-03-01 12:00:00 UTC" in answer(alert=flaps)
    taken = replace(an_alert(), status=Status.ACKNOWLEDGED, acknowledged_by="anna")
    assert "acknowledged by anna before anyone was notified" in answer(alert=taken, verdicts=[])
    assert "acknowledged by anna since" in answer(alert=taken)


def test_without_the_database_the_alert_itself_is_asked() -> None:
    """The alert has the notified recipients; the answer says that the rest is not known."""
    notified = NotifiedRecipient(rule_id=UUID(int=2), rule_name="boss", channel="mail", recipient="boss")
    known = replace(an_alert(), notified=(notified,))
    assert answer(alert=known, is_whole=False) == "boss was notified by rule boss over mail."
    assert "does not answer" in answer(verdicts=[], is_whole=False)


def test_a_recipient_without_a_rule_is_answered_so() -> None:
    """No other reason is possible."""
    assert "none names it as a recipient or channel" in answer(name="stranger")


BOTH = person("anna", mail("anna"), phone("anna"))
PEOPLE = directory(
    BOTH,
    "bob",
    schedules=[schedule("noc", layer("bob", "anna"))],
    policies=[policy("core", step(timedelta(0), "schedule noc"), step(timedelta(minutes=15), "person anna"))],
)


def sent_by_mail(name: str) -> dict[str, Any]:
    """Make a message that was sent to a person by mail."""
    return delivery("sent", recipient=f"{name}@example.org", rule_name="rule 5")


def test_the_answer_for_a_person_covers_each_method() -> None:
    """The mail was sent; the phone is for critical alerts only."""
    found = answer(sent_by_mail("anna"), name="Anna", rules=[paging("person anna")], directory=PEOPLE)
    assert found == (
        f"anna was notified at {AT} by rule rule 5 over mail (problem). "
        "anna was not notified over phone: minimum_severity is critical, the alert is major."
    )


def test_a_person_off_call_learns_who_is_on_call_and_what_follows() -> None:
    """The decision names the person on call; the next step is planned."""
    reason = "all conditions are met: step 1 of escalation core; bob is on call in noc (layer weekly)"
    verdict = ExplainedVerdict("rule 5", fired=True, reason=reason, is_recorded=True)
    planned = PlannedNotification(
        at=START + timedelta(minutes=15),
        since=START,
        rule_id=UUID(int=5),
        rule_name="rule 5",
        policy="core",
        step=1,
    )
    alert = replace(an_alert(), planned=(planned,))
    found = answer(
        name="anna",
        alert=alert,
        verdicts=[verdict],
        rules=[paging("escalation core")],
        directory=PEOPLE,
    )
    assert found == (
        "anna was not notified yet: step 2 of escalation core is due at 2026-03-01 12:15:00 UTC; "
        "not over phone: minimum_severity is critical, the alert is major; "
        f"so far: rule rule 5: {reason}."
    )


def test_a_waiting_message_is_not_shown_as_sent() -> None:
    """The message waits for the limit of the mailbox: the answer says when it is due."""
    notified = NotifiedRecipient(
        rule_id=UUID(int=5), rule_name="rule 5", channel="mail", recipient="anna@example.org"
    )
    found = answer(
        name="anna",
        alert=replace(an_alert(), notified=(notified,)),
        waits={("mail", "anna@example.org"): START},
        rules=[paging("person anna")],
        directory=PEOPLE,
    )
    assert found.startswith(f"anna will be notified by rule rule 5 over mail at {AT}, in one message")


def test_a_recipient_of_a_step_that_is_not_due_learns_what_follows() -> None:
    """An address that only a step of a policy has is known; another person's step is not shown for it."""
    head = RuleChannel(channel="mail", recipients=("head@example.org",))
    steps = policy("core", step(timedelta(0), "person anna"), step(timedelta(minutes=15), channels=(head,)))
    known = directory(BOTH, "bob", policies=[steps])
    planned = PlannedNotification(
        at=START, since=START, rule_id=UUID(int=5), rule_name="rule 5", policy="core", step=1
    )
    fired = ExplainedVerdict("rule 5", fired=True, reason="all conditions are met", is_recorded=True)
    given: dict[str, Any] = {
        "alert": replace(an_alert(), planned=(planned,)),
        "verdicts": [fired],
        "rules": [paging("escalation core"), paging("person bob", number=6)],
        "directory": known,
    }
    found = answer(name="head@example.org", **given)
    assert found == (
        f"head@example.org was not notified yet: step 2 of escalation core is due at {AT}; "
        "so far: rule rule 5: all conditions are met."
    )
    assert "escalation" not in answer(name="bob", **given)


def test_a_person_without_a_rule_is_answered_so() -> None:
    """Neither directly nor by a team or schedule."""
    assert "no rule names bob" in answer(name="bob", directory=PEOPLE, rules=[paging("person anna")])
