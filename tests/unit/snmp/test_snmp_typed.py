"""Values as net-snmp's commands take them."""

import pytest

from opsconductor.snmp.message.typed import encode_value

VALUES = {
    ("i", "-1"): (0x02, b"\xff"),
    ("i", "128"): (0x02, b"\x00\x80"),
    ("u", "4294967295"): (0x42, b"\x00\xff\xff\xff\xff"),
    ("c", "0"): (0x41, b"\x00"),
    ("C", "18446744073709551615"): (0x46, b"\x00" + b"\xff" * 8),
    ("t", "4711"): (0x43, b"\x12\x67"),
    ("a", "192.0.2.1"): (0x40, bytes((192, 0, 2, 1))),
    ("o", "1.3.6.1"): (0x06, b"\x2b\x06\x01"),
    ("s", "Größe"): (0x04, "Größe".encode()),
    ("x", "00 1b 54"): (0x04, b"\x00\x1b\x54"),
    ("n", ""): (0x05, b""),
    ("F", "1.5"): (0x44, b"\x9f\x78\x04\x3f\xc0\x00\x00"),
}


@pytest.mark.parametrize(("letter", "text"), VALUES)
def test_values_by_letter(letter: str, text: str) -> None:
    """Each letter gives its type with the shortest encoding."""
    assert encode_value(letter, text) == VALUES[letter, text]


@pytest.mark.parametrize(
    ("letter", "text"),
    [
        ("i", "2147483648"),
        ("u", "-1"),
        ("a", "::1"),
        ("a", "1.2.3"),
        ("o", "x"),
        ("x", "0"),
        ("F", "1e99"),
        ("q", ""),
    ],
)
def test_values_that_do_not_fit(letter: str, text: str) -> None:
    """A value that does not fit its letter is a ValueError with the reason."""
    with pytest.raises(ValueError, match=r"is no|unknown type"):
        encode_value(letter, text)
