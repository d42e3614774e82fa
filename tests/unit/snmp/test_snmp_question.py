"""The answer to one question: its values, an error, or no answer to this question."""

import pytest

from opsconductor.errors import DecodeError
from opsconductor.snmp.client.envelope import CommunityEnvelope
from opsconductor.snmp.client.question import GET_NEXT, Question, Response
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.plausible import NoValue
from opsconductor.snmp.message.tlv import END_OF_MIB_VIEW, GAUGE32, INTEGER, NO_SUCH_INSTANCE, NULL, OID
from opsconductor.snmp.message.trap import Varbind

ENVELOPE = CommunityEnvelope(version=1, community=b"secret")
QUESTION = Question(kind=GET_NEXT, oids=["1.3.6.1.2.1"], number=77)
ONE = ("1.3.6.1.2.1.1.3.0", INTEGER, b"\x01")


def answer(status: int = 0, *varbinds: Varbind, number: int = 77) -> bytes:
    """Write an answer."""
    numbers = encode.integer(number) + encode.integer(status) + encode.integer(0)
    response = encode.tlv(encode.RESPONSE, numbers + encode.varbind_list(varbinds))
    return encode.sequence(encode.integer(1), encode.octets(b"secret"), response)


def read(datagram: bytes) -> Response | None:
    """Read the answer to the question."""
    return ENVELOPE.read(QUESTION, datagram, 0.0)


@pytest.mark.parametrize(
    ("varbinds", "rows"),
    [
        ([ONE], {ONE[0]: 1}),
        ([ONE, ("1.3.6.1.2.1.1.3.0", END_OF_MIB_VIEW, b"")], {ONE[0]: 1}),
        ([("1.3.6.1.2.1.1", NO_SUCH_INSTANCE, b"")], {}),
        ([("1.3.6.1.2.1.1", NULL, b""), ONE], {"1.3.6.1.2.1.1": None, ONE[0]: 1}),
    ],
)
def test_rows_end_where_the_device_has_no_more(varbinds: list[Varbind], rows: dict[str, object]) -> None:
    """The end does not hide the last row, whose name it has; a NULL is no end."""
    response = read(answer(0, *varbinds))
    assert response is not None
    assert response.rows == rows


@pytest.mark.parametrize(
    "odd",
    [
        (INTEGER, b""),
        (OID, b""),
        (GAUGE32, b""),
        (INTEGER, b"\x01" * 20),
        (OID, b"\x2b\x86"),
        (0x77, b"?"),
        (0x40, b"\x0a"),
    ],
)
def test_an_odd_value_is_none_and_hides_no_other(odd: tuple[int, bytes]) -> None:
    """Numbers and OIDs of no bytes are not zero, and the variables beside them are read."""
    response = read(answer(0, ("1.3.6.1.9.1", *odd), ONE))
    assert response is not None
    assert isinstance(response.values["1.3.6.1.9.1"], NoValue)
    assert response.values[ONE[0]] == 1


def test_a_variable_that_is_damaged_hides_no_other() -> None:
    """A name that is no OID is skipped."""
    damaged = answer(0, ("1.3.6.1.9.1", NULL, b""), ONE).replace(
        bytes.fromhex("06052b06010901"), bytes.fromhex("06052b06010981")
    )
    response = read(damaged)
    assert response is not None
    assert response.values == {ONE[0]: 1}


def test_errors_and_answers_to_other_questions_are_distinguished() -> None:
    """An error has its status; an answer to another question is none."""
    refused = read(answer(5, ONE))
    assert refused is not None
    assert (refused.status, refused.values) == (5, {})
    assert read(answer(0, ONE, number=76)) is None


def test_a_truncated_answer_is_refused() -> None:
    """Truncated anywhere, it raises the decoder's own error."""
    whole = answer(0, ONE)
    for length in range(len(whole)):
        with pytest.raises(DecodeError):
            read(whole[:length])


def test_the_community_is_not_shown() -> None:
    """Neither in tracebacks nor in logs."""
    assert "secret" not in repr(ENVELOPE)
