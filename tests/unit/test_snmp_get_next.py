"""The answer to one GETNEXT: a value, nothing more, an error, or no answer to this question at all."""

import pytest

from opsconductor.errors import DecodeError
from opsconductor.snmp import encode
from opsconductor.snmp.get_next import Following, GetNext
from opsconductor.snmp.tlv import END_OF_MIB_VIEW, INTEGER, NO_SUCH_INSTANCE, NULL

QUESTION = GetNext(version=1, community=b"secret", oid="1.3.6.1.2.1", number=77)


def answer(status: int, tag: int = NULL, number: int = 77) -> bytes:
    """Write an answer with one variable."""
    numbers = encode.integer(number) + encode.integer(status) + encode.integer(0)
    variables = encode.varbind_list([("1.3.6.1.2.1.1", tag, b"\x01" if tag == INTEGER else b"")])
    response = encode.tlv(encode.RESPONSE, numbers + variables)
    return encode.sequence(encode.integer(1), encode.octets(b"secret"), response)


@pytest.mark.parametrize(
    ("datagram", "following"),
    [
        (answer(0, INTEGER), Following.THERE),
        (answer(0, END_OF_MIB_VIEW), Following.NONE),
        (answer(0, NO_SUCH_INSTANCE), Following.NONE),
        (answer(2), Following.NONE),
        (answer(1), Following.ERROR),
        (answer(5), Following.ERROR),
        (answer(0, INTEGER, number=76), None),
    ],
)
def test_what_follows_is_told_apart(datagram: bytes, following: Following | None) -> None:
    """NoSuchName is the end with v2c, too: devices that have grown up with v1 say it."""
    assert QUESTION.read(datagram) is following


def test_a_part_of_an_answer_is_none() -> None:
    """Wherever it is cut off, it raises the decoder's own error."""
    whole = answer(0, INTEGER)
    for length in range(len(whole)):
        with pytest.raises(DecodeError):
            QUESTION.read(whole[:length])


def test_the_community_is_not_shown() -> None:
    """Neither in tracebacks nor in logs."""
    assert "secret" not in repr(QUESTION)
