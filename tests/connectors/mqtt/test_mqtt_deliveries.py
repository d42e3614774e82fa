"""PUBACK: after the commit, in order, on the right connection, and no message is processed twice."""

from connectors.mqtt.client.deliveries import MOST_RECALLED, Deliveries, Message, key_of_message


def message(mid: int, *, is_duplicate: bool = False, payload: bytes = b"offline") -> Message:
    """Make a message of QoS 1."""
    return Message("t", payload, 1, is_duplicate=is_duplicate, mid=mid)


def test_acknowledgements_keep_the_order_of_arrival() -> None:
    """A message committed early waits for those before it."""
    deliveries, sent = Deliveries(), list[int]()
    deliveries.begin(sent.append, is_resumed=False)
    first, second, third = (deliveries.receive(message(mid))[0] for mid in (1, 2, 3))
    deliveries.done(second)
    assert sent == []
    deliveries.done(first)
    assert sent == [1, 2]
    deliveries.done(third)
    assert sent == [1, 2, 3]
    assert len(deliveries) == 0


def test_a_commit_after_the_end_is_acknowledged_when_the_message_comes_again() -> None:
    """No PUBACK is sent out of order or on another connection, and the message is not processed twice."""
    deliveries, old, new = Deliveries(), list[int](), list[int]()
    deliveries.begin(old.append, is_resumed=False)
    committed_late, _ = deliveries.receive(message(1))
    open_still, _ = deliveries.receive(message(2))
    committed_late.is_taken = open_still.is_taken = True
    deliveries.end()
    deliveries.done(committed_late)
    deliveries.begin(new.append, is_resumed=True)
    assert deliveries.receive(message(1, is_duplicate=True))[1] == "redelivered"
    assert deliveries.receive(message(2, is_duplicate=True))[1] == "redelivered"
    assert (old, new) == ([], [1])
    deliveries.done(open_still)
    assert new == [1, 2]


def test_another_message_under_the_same_number_is_taken() -> None:
    """The broker may use a number again; content and the mark of duplicates decide."""
    deliveries, sent = Deliveries(), list[int]()
    deliveries.begin(sent.append, is_resumed=False)
    deliveries.receive(message(1))[0].is_taken = True
    deliveries.begin(sent.append, is_resumed=True)
    assert deliveries.receive(message(1, payload=b"online", is_duplicate=True))[1] == ""
    assert deliveries.receive(message(1))[1] == ""


def test_what_the_intake_never_got_is_taken_when_it_comes_again() -> None:
    """After a stop at a full intake the message is known, but will never be committed."""
    deliveries, sent = Deliveries(), list[int]()
    deliveries.begin(sent.append, is_resumed=False)
    deliveries.receive(message(1))
    deliveries.begin(sent.append, is_resumed=True)
    again, reason = deliveries.receive(message(1, is_duplicate=True))
    assert reason == ""
    deliveries.done(again)
    assert sent == [1]


def test_a_session_that_the_broker_forgot_begins_anew() -> None:
    """Numbers then have no relation to earlier ones."""
    deliveries, sent = Deliveries(), list[int]()
    deliveries.begin(sent.append, is_resumed=False)
    deliveries.receive(message(1))[0].is_taken = True
    deliveries.begin(sent.append, is_resumed=False)
    assert deliveries.receive(message(1, is_duplicate=True))[1] == ""


def test_what_an_earlier_life_committed_is_acknowledged_at_once() -> None:
    """Number and content are known; once only."""
    deliveries, sent = Deliveries(), list[int]()
    assert deliveries.recall([key_of_message(5, "t", b"offline")])
    deliveries.begin(sent.append, is_resumed=True)
    assert deliveries.receive(message(5, is_duplicate=True))[1] == "before_restart"
    assert sent == [5]
    assert deliveries.receive(message(5, is_duplicate=True))[1] == ""
    deliveries.close()
    assert len(deliveries) == 0


def test_of_numbers_that_may_be_in_use_again_only_the_latest_is_recalled() -> None:
    """A number names one message only until the broker uses it for another one."""
    deliveries = Deliveries()
    latest = [key_of_message(mid, "t", b"offline") for mid in range(60_000)]
    assert not deliveries.recall(latest)
    deliveries.begin(list[int]().append, is_resumed=True)
    assert deliveries.receive(message(MOST_RECALLED - 1, is_duplicate=True))[1] == "before_restart"
    assert deliveries.receive(message(MOST_RECALLED, is_duplicate=True))[1] == ""
