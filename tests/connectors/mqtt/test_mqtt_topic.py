"""Topic patterns: what they match, capture and subscribe to."""

import pytest

from connectors.mqtt.topic import TopicPattern, covers, fewest


@pytest.mark.parametrize(
    ("pattern", "topic", "captured"),
    [
        ("tele/{device}/LWT", "tele/plug/LWT", {"device": "plug"}),
        ("tele/{device}/LWT", "tele/a/b/LWT", None),
        ("tele/+/LWT", "tele/plug/LWT", {}),
        ("z/{device*}/availability", "z/a/b/availability", {"device": "a/b"}),
        ("z/{device*}/availability", "z/a/b/c/d/e/availability", None),
        ("site/{rest*}", "site/a/b/c/d/e/f", {"rest": "a/b/c/d/e/f"}),
        ("site/#", "site", {}),
        ("site/#", "site/a/b", {}),
        ("site/#", "sites", None),
        ("#", "anything/at\nall", {}),
        ("#", "$SYS/broker/uptime", None),
        ("+/state", "$SYS/state", None),
        ("$SYS/{what}", "$SYS/uptime", {"what": "uptime"}),
        ("a.c/{x}", "abc/1", None),
        ("a/{x}", "a/", {"x": ""}),
    ],
)
def test_a_topic_is_matched_and_captured(pattern: str, topic: str, captured: dict[str, str] | None) -> None:
    """Levels are whole, names capture, and `$` topics are matched only by name, as MQTT has it."""
    assert TopicPattern(pattern).match(topic) == captured


@pytest.mark.parametrize("text", ["", "a/#/b", "a+", "{A}", "{a}{b}", "{a}/{a}", "a/{", "a\0b", "x" * 1001])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    """Wildcards stand alone in their level, `#` at the end, and each name once."""
    with pytest.raises(ValueError, match=r"levels separated|only once"):
        TopicPattern(text)


def test_several_levels_become_one_subscription_for_each_number() -> None:
    """`{name*}` in the middle never subscribes to everything below."""
    assert TopicPattern("z/{device*}/availability").filters == (
        "z/+/availability",
        "z/+/+/availability",
        "z/+/+/+/availability",
        "z/+/+/+/+/availability",
    )
    assert TopicPattern("z/{device*}").filters == ("z/#",)
    assert TopicPattern("a/b").is_exact
    assert not TopicPattern("a/{b}").is_exact


@pytest.mark.parametrize(
    ("wide", "narrow", "is_covered"),
    [
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/+", "a/b", True),
        ("a/+", "a/#", False),
        ("a/+", "a/b/c", False),
        ("+/b", "a/+", False),
        ("#", "$SYS/x", False),
        ("a/#", "a/+/#", True),
        ("a/b", "a", False),
    ],
)
def test_a_filter_covers_another(wide: str, narrow: str, is_covered: bool) -> None:  # noqa: FBT001
    """One filter covers another when it gets everything that the other gets."""
    assert covers(wide, narrow) is is_covered


def test_covered_filters_are_left_out() -> None:
    """Some brokers send a message once for each subscription that matches."""
    assert fewest(["z/+/x", "z/#", "z/a", "y", "y"]) == ("y", "z/#")
