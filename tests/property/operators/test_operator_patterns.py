"""Patterns that operators write: none blocks the daemon, whatever the pattern and the text."""

import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.email.address import one_address
from opsconductor.config.provision.field_types import AddressPattern, AlertTypePattern
from opsconductor.engine.routing.router import Router
from opsconductor.engine.routing.situation import Situation
from opsconductor.mib.expression import compile_expression, expression_fault
from opsconductor.model.enums import AlertEvent
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.notify.clean import line_of
from tests.unit.api.test_api_pure import an_alert

LIMIT_S = 0.05
ALERT_TYPES: TypeAdapter[str] = TypeAdapter(AlertTypePattern)
ADDRESSES: TypeAdapter[str] = TypeAdapter(AddressPattern)
EVIL = [
    "*a" * 49 + "*b",
    "*" * 100,
    "?*" * 50,
    "*[a-z]" * 16,
    "[" * 50,
    "*[!-]" * 20,
    "[]" * 50,
    "a*" * 49 + "!",
]
EVIL_ADDRESSES = ["*1" * 49 + "*2", "*" * 100, "?*" * 50, "*[0-9]" * 16, "[!-]" * 25]


def spent_s(act: Callable[[], object]) -> float:
    """Measure the processor time of an act, the fastest of three."""
    times = []
    for _ in range(3):
        begun = time.thread_time()
        act()
        times.append(time.thread_time() - begun)
    return min(times)


def ask(conditions: Conditions) -> None:
    """Make a rule of conditions and evaluate it for alerts that match slowly."""
    rule = NotificationRule(
        id=UUID(int=1), name="r", channels=(RuleChannel(channel="c"),), conditions=conditions
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        router = Router([rule])
    for alert_type in ("a" * 100, "a" * 99 + "!", "ab" * 50):
        for address in ("1" * 45, "1.1.1.1", "2001:db8:1111:1111:1111:1111:1111:1111"):
            alert = replace(an_alert(), alert_type=alert_type, device_ip=address)
            situation = Situation(alert=alert, event=AlertEvent.CREATED, at=alert.received_at)
            router.route(situation)
            assert len(list(router.explain(situation))) == 1


@pytest.mark.parametrize("pattern", EVIL)
def test_evil_patterns_of_alert_types_are_quick(pattern: str) -> None:
    """Many wildcards in one pattern, against text made for it, take no time."""
    assert ALERT_TYPES.validate_python(pattern) == pattern
    assert spent_s(lambda: ask(Conditions(alert_type=(pattern,) * 20))) < LIMIT_S * 20


@pytest.mark.parametrize("pattern", EVIL_ADDRESSES)
def test_evil_patterns_of_addresses_are_quick(pattern: str) -> None:
    """As with alert types."""
    assert ADDRESSES.validate_python(pattern) == pattern
    assert spent_s(lambda: ask(Conditions(device_ip_pattern=(pattern,) * 20))) < LIMIT_S * 20


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"\A[a-z0-9_*?\[\]!-]{1,100}\Z"), st.from_regex(r"\A[0-9a-fA-F.:*?\[\]!-]{1,100}\Z"))
def test_any_accepted_pattern_works_at_once(alert_type: str, address: str) -> None:
    """A pattern that the configuration accepts compiles without a warning and matches at once."""
    assert ALERT_TYPES.validate_python(alert_type) == alert_type
    assert (
        spent_s(lambda: ask(Conditions(alert_type=(alert_type,), device_ip_pattern=(address,)))) < LIMIT_S * 2
    )


@given(st.text(max_size=200))
def test_an_invalid_pattern_is_refused_with_a_message(text: str) -> None:
    """Any other text is a fault, never an exception of the regular expressions."""
    for form in (ALERT_TYPES, ADDRESSES):
        try:
            form.validate_python(text)
        except ValidationError as error:
            assert error.errors()[0]["msg"]  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        " " * 100_000 + "x",
        "x" + " " * 20_000 + "y",
        ("a" * 50 + ".") * 2_000 + "@",
        '"' * 50_000,
        "x <" * 50_000,
        "a@" + "b-" * 50_000,
    ],
    ids=["letters", "spaces", "inner spaces", "dots", "quotes", "brackets", "labels"],
)
def test_evil_addresses_of_people_are_refused_at_once(text: str) -> None:
    """No text makes the parser of e-mail addresses slow."""

    def read() -> None:
        with pytest.raises(ValueError, match="address"):
            one_address(text)

    assert spent_s(read) < LIMIT_S


@pytest.mark.parametrize("text", ["{" * 100_000, "{}" * 50_000, "{a" * 50_000, "}" * 100_000])
def test_evil_templates_of_titles_are_read_at_once(text: str) -> None:
    """No text makes the parser of placeholders slow."""
    assert spent_s(lambda: expression_fault(text, is_title=True)) < LIMIT_S
    assert spent_s(lambda: compile_expression(text[:255]).fill((), lambda _tag, _content: None)) < LIMIT_S


@pytest.mark.parametrize("text", [" " * 100_000, "\u202e" * 65_000, "a\n" * 50_000])
def test_evil_texts_are_cleaned_at_once(text: str) -> None:
    """Making a text harmless takes time in proportion to its length."""
    assert spent_s(lambda: line_of(text)) < 4 * LIMIT_S
