"""Informs are answered once for each time they were sent, and become one event."""

from connectors.snmp_trap.informs import KEPT, KEPT_S, MAX_WAITING, MOST, Informs, key_of

KEY = b"k" * 16


def test_every_sending_is_answered_after_the_commit() -> None:
    """Before the commit nobody is answered; then each sending is, in order, once."""
    informs, answers = Informs(), []
    on_commit = informs.take(KEY, lambda: answers.append(1), 0.0)
    assert informs.take(KEY, lambda: answers.append(2), 1.0) is None
    assert answers == []
    assert on_commit is not None
    on_commit()
    assert answers == [1, 2]
    assert informs.take(KEY, lambda: answers.append(3), 2.0) is None
    assert answers == [1, 2, 3]


def test_answers_owed_are_bounded() -> None:
    """A sender that repeats itself without end is owed a bounded number of answers."""
    informs, answers = Informs(), []
    on_commit = informs.take(KEY, lambda: answers.append(0), 0.0)
    for _ in range(100):
        informs.take(KEY, lambda: answers.append(0), 0.0)
    assert on_commit is not None
    on_commit()
    assert len(answers) == MAX_WAITING


def test_an_inform_is_new_again_after_a_while() -> None:
    """One whose event was never committed can be sent anew and is not lost for good."""
    informs = Informs()
    assert informs.take(KEY, lambda: None, 0.0) is not None
    assert informs.take(KEY, lambda: None, KEPT_S - 1) is None
    assert informs.take(KEY, lambda: None, KEPT_S) is not None


def test_memory_is_bounded() -> None:
    """The oldest that was answered makes room."""
    informs = Informs()
    for number in range(KEPT + 5):
        on_commit = informs.take(number.to_bytes(16, "big"), lambda: None, 0.0)
        assert on_commit is not None
        on_commit()
    assert len(informs) == KEPT


def test_what_waits_for_its_commit_is_not_forgotten_for_want_of_room() -> None:
    """While the database is slow many wait; each that is sent again is still the same, not a second one."""
    informs = Informs()
    for number in range(KEPT + 5):
        informs.take(number.to_bytes(16, "big"), lambda: None, 0.0)
    assert informs.take((0).to_bytes(16, "big"), lambda: None, 1.0) is None


def test_what_is_never_committed_takes_bounded_memory() -> None:
    """Even if nothing is committed any more, there is an end."""
    informs = Informs()
    for number in range(MOST + 5):
        informs.take(number.to_bytes(16, "big"), lambda: None, 0.0)
    assert len(informs) == MOST


def test_what_makes_an_inform_the_same() -> None:
    """Sender, name and every byte of the PDU count; a name of any length is taken."""
    keys = {
        key_of(peer, who, pdu)
        for peer in ("192.0.2.1", "192.0.2.2")
        for who in (b"", b"public", b"x" * 200)
        for pdu in (b"a", b"b")
    }
    assert len(keys) == 12
