"""An unreadable message is shown with its first bytes, and never with a secret."""

import pytest

from opsconductor.model.masking import first_bytes_of


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"temperature: 21,5", b"temperature: 21,5"),
        (b"\xff\x00 noise", b"\xff\x00 noise"),
        (b"routing_key=geheim&x=1", b"routing_key=***&x=1"),
        (b'{"password": "cut o', b'{"password": ***'),
        (b"token eyJhbGciOiJIUzI1NiJ9x0 sent", b"token *** sent"),
        (b"x" * 100, b"x" * 64),
        (b"a " * 30 + b"secret=0123456789abcdef", b"a " * 30 + b"secr"),
    ],
)
def test_first_bytes_hold_no_secret(content: bytes, expected: bytes) -> None:
    """Neither a named secret nor text like a key; also where it exceeds the bound."""
    assert first_bytes_of(content, 64) == expected
