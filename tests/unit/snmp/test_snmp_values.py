"""A variable's bytes as people and PostgreSQL see them."""

import json

import pytest

from opsconductor.snmp.message.values import json_of, text_of, type_name

INTEGER, OCTETS, NULL, OID, ADDRESS, COUNTER, TICKS, OPAQUE, COUNTER64 = (
    2,
    4,
    5,
    6,
    0x40,
    0x41,
    0x43,
    0x44,
    0x46,
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ""),
        (b"GigabitEthernet0/1", "GigabitEthernet0/1"),
        ("Zürich ☃ 東京".encode(), "Zürich ☃ 東京"),
        (b"two\r\nlines\tand a tab", "two\r\nlines\tand a tab"),
        (b"eth0\0\0\0", "eth0"),
        (b"B\xfcro S\xfcd", "Büro Süd"),
        (b"B\xfcro-1", "Büro-1"),
        (bytes.fromhex("001a2b3c4d5e"), "00:1a:2b:3c:4d:5e"),
        (bytes(6), "00:00:00:00:00:00"),
        (b"abcdef", "abcdef"),
        (bytes.fromhex("07e8050607080901"), "2024-05-06T07:08:09.1"),
        (bytes.fromhex("07e80506070809012d0530"), "2024-05-06T07:08:09.1-05:48"),
        (bytes.fromhex("07e80c1f173b3c00"), "2024-12-31T23:59:60.0"),
        (bytes.fromhex("07e80d0607080901"), "0x07e80d0607080901"),
        (bytes.fromhex("07e80506070809012a0530"), "0x07e80506070809012a0530"),
        (b"\0", "0x00"),
        (b"\0\1\2\3", "0x00010203"),
        (b"\xff\xfe\xfd", "0xfffefd"),
        (b"\xed\xa0\x80 surrogate", "0xeda08020737572726f67617465"),
        (b"colour \x1b[31mred\x1b[0m for a whole line", "colour \\x1b[31mred\\x1b[0m for a whole line"),
        ("turned \u202eround".encode(), "turned \\u202eround"),
        (b"a nul \0 inside text", "a nul \\x00 inside text"),
    ],
)
def test_octets_are_read_as_their_likely_type(content: bytes, expected: str) -> None:
    """Dates, text of two encodings, MAC addresses and bytes are each readable and harmless."""
    assert json_of(OCTETS, content) == expected


@pytest.mark.parametrize(
    ("tag", "content", "value", "text"),
    [
        (INTEGER, b"\x07", 7, "7"),
        (INTEGER, b"\xff", -1, "-1"),
        (INTEGER, bytes(9) + b"\x80", 128, "128"),
        (INTEGER, b"", None, "no value"),
        (INTEGER, b"\x7f" * 16, "0x" + "7f" * 16, "0x" + "7f" * 16),
        (INTEGER, b"\1" * 17, "0x" + "01" * 17, "0x" + "01" * 17),
        (COUNTER, b"\xff\xff\xff\xff", 4294967295, "4294967295"),
        (COUNTER64, b"\0" + b"\xff" * 8, 2**64 - 1, str(2**64 - 1)),
        (TICKS, b"\x0a\x4c\xb8\x01", 172_800_001, "20d 00:00:00.01"),
        (TICKS, b"", None, "no value"),
        (OID, b"", None, "no value"),
        (ADDRESS, b"", None, "no value"),
        (ADDRESS, b"\x0a\x00\x00\x01", "10.0.0.1", "10.0.0.1"),
        (ADDRESS, b"\x0a\x00", "0x0a00", "0x0a00"),
        (OID, bytes.fromhex("2b06010401"), "1.3.6.1.4.1", "1.3.6.1.4.1"),
        (OID, b"\x2b\x80", "0x2b80", "0x2b80"),
        (NULL, b"", None, "NULL"),
        (NULL, b"\1", "0x01", "0x01"),
        (0x80, b"", None, "noSuchObject"),
        (0x81, b"", None, "noSuchInstance"),
        (0x82, b"", None, "endOfMibView"),
        (OPAQUE, bytes.fromhex("9f780442126666"), 36.6, "36.6"),
        (OPAQUE, bytes.fromhex("9f790840425000000000 00".replace(" ", "")), 36.625, "36.625"),
        (OPAQUE, bytes.fromhex("9f78047fc00000"), "nan", "nan"),
        (OPAQUE, bytes.fromhex("9f7a01ff"), -1, "-1"),
        (OPAQUE, bytes.fromhex("9f7601ff"), 255, "255"),
        (OPAQUE, b"\x9f\x78", "0x9f78", "0x9f78"),
        (0xBF, b"\1\2", "0x0102", "0x0102"),
        (OCTETS, b"two\nlines", "two\nlines", "two\\nlines"),
    ],
)
def test_each_type_has_a_value_for_json_and_one_line_for_people(
    tag: int, content: bytes, value: object, text: str
) -> None:
    """Numbers stay numbers, values without JSON form become text, and unfit bytes become hex."""
    assert json_of(tag, content) == value
    assert text_of(tag, content) == text
    json.dumps(value, allow_nan=False)


@pytest.mark.parametrize(
    ("content", "convention", "expected"),
    [
        (b"TEST01", "PhysAddress", "54:45:53:54:30:31"),
        (b"", "PhysAddress", ""),
        (b"\xfc\xf6\xe4\xdf\xfc\xf6", "DisplayString", "üöäßüö"),
        (b"\x07\xd0\x01\x01abcd", "DisplayString", "0x07d0010161626364"),
        ("Zürich".encode(), "DisplayString", "Zürich"),
        (b"uplink to Z\xfcrich\x1b", "DisplayString", "uplink to Zürich\\x1b"),
        (b"\xfc\xf6\xe4\xdf\xfc\xf6", "", "fc:f6:e4:df:fc:f6"),
    ],
)
def test_the_type_of_an_object_decides_what_its_bytes_are(
    content: bytes, convention: str, expected: str
) -> None:
    """An address of printable bytes stays an address, and a name of six Latin-1 letters a name."""
    assert json_of(OCTETS, content, convention) == expected
    assert text_of(OCTETS, content, convention) == expected


@pytest.mark.parametrize(
    ("content", "begins"),
    [
        (b"x" * 65_000, "xxxx"),
        ("é".encode() * 30_000 + b"!", "éééé"),
        (b"\x80\x81" * 30_000, "0x80818081"),
        (b"B\xfcro" * 16_000, "BüroBüro"),
    ],
)
def test_huge_strings_are_cut_with_a_note(content: bytes, begins: str) -> None:
    """64 kB of anything are cut to 4,096 characters and a note of the original length."""
    text = str(json_of(OCTETS, content))
    assert text.startswith(begins)
    assert text.endswith(f"… ({len(content)} bytes)")
    assert len(text) < 4_200


def test_types_have_their_names_in_smi() -> None:
    """A known type is called as in MIBs, an unknown one by its tag."""
    assert [type_name(tag) for tag in (2, 4, 0x46, 0x80, 0x91)] == [
        "INTEGER",
        "OCTET STRING",
        "Counter64",
        "noSuchObject",
        "tag 0x91",
    ]
