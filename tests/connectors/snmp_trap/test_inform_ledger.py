"""Informs are answered once for each transmission, and become one event."""

from collections.abc import Callable

import pytest

from connectors.snmp_trap.receiving import informs as module
from connectors.snmp_trap.receiving.informs import (
    KEPT_S,
    MAX_OWED,
    MOST_WAITING,
    WAITING_KEPT_S,
    Duplicate,
    Informs,
    key_of_inform,
)

KEY = b"k" * 16


def taken(informs: Informs, key: bytes = KEY, now_s: float = 0.0) -> Callable[[], None]:
    """Record an inform that must be new; return the function to call after its commit."""
    on_commit = informs.take(key, lambda: None, now_s)
    assert not isinstance(on_commit, Duplicate)
    return on_commit


def test_every_sending_is_answered_after_the_commit() -> None:
    """Before the commit no answer is sent; then each transmission gets one, in order."""
    informs, answers = Informs(), []
    on_commit = informs.take(KEY, lambda: answers.append(1), 0.0)
    assert informs.take(KEY, lambda: answers.append(2), 1.0) is Duplicate.SENT_AGAIN
    assert answers == []
    assert not isinstance(on_commit, Duplicate)
    on_commit()
    assert answers == [1, 2]
    assert informs.take(KEY, lambda: answers.append(3), 2.0) is Duplicate.SENT_AGAIN
    assert answers == [1, 2, 3]


def test_answers_owed_are_bounded() -> None:
    """A sender that repeats without end gets a bounded number of answers."""
    informs, answers = Informs(), []
    on_commit = informs.take(KEY, lambda: answers.append(0), 0.0)
    for _ in range(100):
        informs.take(KEY, lambda: answers.append(0), 0.0)
    assert not isinstance(on_commit, Duplicate)
    on_commit()
    assert len(answers) == MAX_OWED


def test_what_waits_for_its_commit_is_known_as_long_as_a_device_resends() -> None:
    """While nothing can be committed for long, the same inform is not processed a second time."""
    informs = Informs()
    on_commit = taken(informs)
    assert informs.take(KEY, lambda: None, WAITING_KEPT_S - 1) is Duplicate.SENT_AGAIN
    on_commit()
    assert informs.take(KEY, lambda: None, WAITING_KEPT_S) is Duplicate.SENT_AGAIN


def test_an_inform_that_is_never_committed_is_new_again_in_the_end() -> None:
    """An inform whose event could not be handled is not lost for good."""
    informs = Informs()
    taken(informs)
    taken(informs, now_s=WAITING_KEPT_S)


def test_an_inform_committed_before_a_restart_is_answered_at_once() -> None:
    """It is known by its key alone, for as long as a device may go on resending."""
    informs, answers = Informs(), list[int]()
    informs.recall([KEY, b"l" * 16], 0.0)
    assert informs.take(KEY, lambda: answers.append(1), KEPT_S - 1) is Duplicate.BEFORE_RESTART
    assert informs.take(KEY, lambda: answers.append(2), KEPT_S - 1) is Duplicate.SENT_AGAIN
    assert answers == [1, 2]
    taken(informs, b"l" * 16, KEPT_S)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the answered ones the oldest are removed, and at least the latest are known."""
    most = 20_000
    monkeypatch.setattr(module, "MOST_ACKNOWLEDGED", most)
    informs = Informs()
    for number in range(2 * most):
        taken(informs, number.to_bytes(16, "big"))()
    assert most <= len(informs) <= most * 5 // 4
    latest = (2 * most - 1).to_bytes(16, "big")
    assert informs.take(latest, lambda: None, 0.0) is Duplicate.SENT_AGAIN


def test_uncommitted_informs_take_bounded_memory() -> None:
    """Even if nothing is committed any more, memory is bounded."""
    informs = Informs()
    for number in range(MOST_WAITING + 5):
        taken(informs, number.to_bytes(16, "big"))
    assert len(informs) == MOST_WAITING


def test_what_makes_an_inform_the_same() -> None:
    """Sender, name and every byte of the PDU count; a name of any length is taken."""
    keys = {
        key_of_inform(peer, who, pdu)
        for peer in ("192.0.2.1", "192.0.2.2")
        for who in (b"", b"public", b"x" * 200)
        for pdu in (b"a", b"b")
    }
    assert len(keys) == 12
