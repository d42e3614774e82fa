"""Silence: counted only while connected, reported once, and remembered over a restart."""

import math

import pytest

from connectors.mqtt import silences as silences_module
from connectors.mqtt.silences import TopicSilences

FAST, SLOW = (10.0, "fast"), (60.0, "slow")


def test_each_topic_is_reported_once_when_its_time_is_over() -> None:
    """A message on the topic starts the time again."""
    silences = TopicSilences()
    silences.record(FAST, 0)
    silences.record(SLOW, 0)
    assert silences.next_due_s() == 10
    assert silences.due(9.9) == []
    assert silences.due(10) == [FAST]
    assert silences.is_silent(FAST)
    assert silences.due(59) == []
    silences.record(FAST, 59)
    assert not silences.is_silent(FAST)
    assert silences.due(70) == [FAST, SLOW]
    assert silences.next_due_s() == math.inf


def test_what_is_expected_begins_to_count_once() -> None:
    """A reconnect does not extend the time of a known topic."""
    silences = TopicSilences()
    silences.expect(FAST, 0)
    silences.expect(FAST, 5)
    assert silences.due(10) == [FAST]
    silences.expect(FAST, 11)
    assert silences.due(30) == []


def test_a_removed_topic_is_awaited_no_longer() -> None:
    """Neither before nor after its silence was reported."""
    silences = TopicSilences()
    silences.record(FAST, 0)
    silences.forget(FAST)
    silences.forget(SLOW)
    assert silences.due(100) == []
    assert len(silences) == 0


def test_the_next_life_goes_on_counting() -> None:
    """Seconds of silence are carried over; topics of removed rules are not."""
    before, after = TopicSilences(), TopicSilences()
    before.record(FAST, 100)
    before.record((10.0, "other"), 95)
    before.record(SLOW, 100)
    after.load(before.dump(104), {10.0})
    assert after.due(5.9) == [(10.0, "other")]
    assert after.due(6) == [FAST]
    assert len(after) == 2


@pytest.mark.parametrize("text", ["", "{}x", "[1]", "[[1]]", '[["a", "b", "c"]]', "null", "[" * 100_000])
def test_a_damaged_file_is_reported(text: str) -> None:
    """It raises one type of error, whatever is wrong with it."""
    with pytest.raises(ValueError, match="damaged"):
        TopicSilences().load(text, {10.0})


def test_who_makes_up_topics_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither while they are awaited nor once they are silent; the oldest are removed."""
    monkeypatch.setattr(silences_module, "MOST_TOPICS", 2)
    silences = TopicSilences()
    for number in range(6):
        silences.record((10.0, f"made up {number}"), number * 100)
        silences.due(number * 100 + 50)
    assert len(silences) == 2
    assert silences.is_silent((10.0, "made up 5"))
