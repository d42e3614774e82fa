"""Rejected messages: when they count as repeated, when that ends, and that memory is bounded."""

from datetime import UTC, datetime, timedelta

from opsconductor.connector.rejection import (
    MANY_SENDERS,
    MOST_KNOWN,
    RejectionLimits,
    RejectionLog,
)

LIMITS = RejectionLimits(messages=3, within_s=60, quiet_s=30, senders=2)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class Scene:
    """A log whose clock is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.log = RejectionLog(
            "traps",
            LIMITS,
            clock=lambda: self.now_s,
            now=lambda: BEGIN + timedelta(seconds=self.now_s),
        )

    def reject(self, sender: str, reason: str = "community", *, at_s: float, amount: int = 1) -> None:
        """Reject messages at a time."""
        self.now_s = at_s
        self.log.add(sender, reason, explanation="it is wrong", remedy="correct it", amount=amount)

    def repeated(self, at_s: float) -> list[tuple[str, str, int]]:
        """List sender, reason and count of repeated rejections at a time."""
        self.now_s = at_s
        return [(each.sender, each.reason, each.count) for each in self.log.repeated()]


def test_single_rejections_are_shown_and_are_not_repeated() -> None:
    """Two messages, with three as threshold: in the status with count and times, not repeated."""
    scene = Scene()
    scene.reject("10.0.0.1", at_s=0)
    scene.reject("10.0.0.1", at_s=5)
    (shown,) = scene.log.latest()
    assert (shown.sender, shown.count, shown.is_repeated) == ("10.0.0.1", 2, False)
    assert (shown.first_at, shown.last_at) == (BEGIN, BEGIN + timedelta(seconds=5))
    assert (shown.explanation, shown.remedy) == ("it is wrong", "correct it")
    assert scene.repeated(5) == []


def test_the_threshold_makes_a_sender_repeated_until_it_is_quiet() -> None:
    """The third message within 60 s makes it repeated; 30 s without another end it."""
    scene = Scene()
    for at_s in (0, 20, 40):
        scene.reject("10.0.0.1", at_s=at_s)
    assert scene.repeated(40) == [("10.0.0.1", "community", 3)]
    assert scene.repeated(69) == [("10.0.0.1", "community", 3)]
    assert scene.repeated(70) == []


def test_messages_far_apart_are_not_repeated() -> None:
    """One message in 50 s never makes three within 60 s."""
    scene = Scene()
    for number in range(10):
        scene.reject("10.0.0.1", at_s=50.0 * number)
    assert scene.repeated(450) == []


def test_reasons_of_one_sender_are_kept_apart() -> None:
    """A sender with a wrong community and invalid bytes is two entries."""
    scene = Scene()
    scene.reject("10.0.0.1", "community", at_s=0, amount=3)
    scene.reject("10.0.0.1", "truncated", at_s=1, amount=3)
    assert scene.repeated(1) == [("10.0.0.1", "truncated", 3), ("10.0.0.1", "community", 3)]


def test_senders_beyond_the_limit_share_one_summary() -> None:
    """With two places, the third and all further repeated senders are one entry with the sum."""
    scene = Scene()
    for number in range(50):
        scene.reject(f"10.0.0.{number}", at_s=number * 0.1, amount=3)
    found = scene.repeated(5)
    assert len(found) == LIMITS.senders + 1
    summary = next(each for each in scene.log.repeated() if each.reason == MANY_SENDERS)
    assert summary.count == 48 * 3
    assert "10.0.0.49" in summary.explanation


def test_invented_senders_take_bounded_memory_and_are_summed_up() -> None:
    """100,000 senders with one message each: as many entries as the bound, and one summary."""
    scene = Scene()
    for number in range(100_000):
        scene.reject(f"sender-{number}", at_s=number * 0.000_1)
    assert len(scene.log._known) == MOST_KNOWN
    assert [reason for _, reason, _ in scene.repeated(10)] == [MANY_SENDERS]


def test_a_repeated_sender_stays_while_others_are_invented() -> None:
    """A flood of invented senders does not push out the one that was reported."""
    scene = Scene()
    scene.reject("10.0.0.1", at_s=0, amount=3)
    for number in range(10_000):
        scene.reject(f"sender-{number}", at_s=1)
    assert ("10.0.0.1", "community", 3) in scene.repeated(1)


def test_texts_from_the_network_are_printable_and_short() -> None:
    """A sender's name with control characters and 10,000 letters is shown cut and without them."""
    scene = Scene()
    scene.reject("top\x1b[31mic/" + "x" * 10_000, at_s=0)
    (shown,) = scene.log.latest()
    assert shown.sender.isprintable()
    assert len(shown.sender) <= 120


def test_a_renewed_connector_starts_without_rejections() -> None:
    """Rejections are removed when the connector is configured anew."""
    scene = Scene()
    scene.reject("10.0.0.1", at_s=0, amount=3)
    scene.log.clear()
    assert scene.log.latest() == []
