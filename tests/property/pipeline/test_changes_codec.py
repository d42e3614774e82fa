"""All decisions of the engine are read back from the spool unchanged."""

import json
import zlib
from dataclasses import fields, replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.errors import StoreRejected
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes, HistoryEntry, NotificationIntent
from opsconductor.store.spool.codec import VERSION, decode, encode
from tests.support.engine.changes_strategies import alerts, any_changes, documents, history, intents, texts

SHOWN = {cls: [field.name for field in fields(cls)] for cls in (Alert, HistoryEntry, NotificationIntent)}


def made(changes: Changes) -> Changes:
    """Replace the makers of raw data by what they make, so that two changes can be compared."""
    return replace(changes, raw_data={key: dict(make()) for key, make in changes.raw_data.items()})


@given(any_changes)
def test_changes_are_read_back_unchanged(changes: Changes) -> None:
    """Every field of every part survives exactly, and raw data can be made again."""
    assert made(decode(encode(changes))) == made(changes)


@given(any_changes)
def test_types_are_read_back_too(changes: Changes) -> None:
    """Words of an enumeration, times and tuples are not merely equal, they are of the same type."""
    back = decode(encode(changes))
    for name in ("created", "updated", "repeated", "history", "notifications"):
        before, after = getattr(changes, name), getattr(back, name)
        assert [[type(value) for value in values(row)] for row in after] == [
            [dict if isinstance(value, dict) else type(value) for value in values(row)] for row in before
        ]


def values(row: object) -> list[object]:
    """List the fields of a row, leaving out the default of an empty document: it is a view of a dict."""
    return [getattr(row, name) for name in SHOWN[type(row)]]


@given(any_changes)
def test_writing_again_gives_the_same(changes: Changes) -> None:
    """Changes that are read and written again are the same bytes."""
    body = encode(changes)
    assert encode(decode(body)) == body


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda noise: b"%d\n" % VERSION + noise))
def test_noise_is_refused_with_our_own_error(noise: bytes) -> None:
    """Bytes that no version wrote raise StoreRejected and nothing else."""
    try:
        decode(noise)
    except StoreRejected:
        return
    raise AssertionError("noise was read as changes")


@given(any_changes, st.data())
def test_a_flipped_byte_is_never_read_as_something_else(changes: Changes, data: st.DataObject) -> None:
    """Damage in the file is refused, or changes nothing."""
    body = bytearray(encode(changes))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    try:
        back = decode(bytes(body))
    except StoreRejected:
        return
    assert made(back) == made(changes)


odd_values = st.binary(max_size=5) | st.sets(texts, max_size=2) | st.complex_numbers() | st.just(10**5000)


@given(
    st.dictionaries(texts | st.integers() | st.tuples(st.integers()), odd_values | documents, max_size=4),
    alerts,
    history,
    intents,
)
def test_values_without_json_form_become_harmless(
    odd: dict[str, object], alert: Alert, entry: HistoryEntry, intent: NotificationIntent
) -> None:
    """A document with bytes, sets, odd keys or infinite numbers never raises; all else is kept."""
    changes = Changes(
        created=(replace(alert, custom_fields=odd),),
        history=(replace(entry, changes=odd),),
        notifications=(replace(intent, facts=odd),),
        raw_data={alert.id: lambda: odd},
    )
    back = decode(encode(changes))
    assert replace(back.created[0], custom_fields={}) == replace(alert, custom_fields={})
    assert replace(back.history[0], changes={}) == replace(entry, changes={})
    assert replace(back.notifications[0], facts={}) == replace(intent, facts={})


@pytest.mark.parametrize("depth", [50, 97, 98, 99, 100, *range(900, 1_000, 7), 5_000])
def test_nesting_of_any_depth_is_harmless(depth: int) -> None:
    """A document nested beyond Python's JSON limit is cut off, the rest stays."""
    nested: dict[str, object] = {}
    for _ in range(depth):
        nested = {"in": nested}
    key = UUID(int=1)
    back = decode(encode(Changes(raw_data={key: lambda: nested}, folded=7)))
    assert back.folded == 7
    assert "in" in back.raw_data[key]()


def test_a_circle_is_cut() -> None:
    """A document that contains itself is cut off as well."""
    circle: dict[str, object] = {}
    circle["self"] = circle
    assert decode(encode(Changes(raw_data={UUID(int=1): lambda: circle}, folded=7))).folded == 7


def test_an_unknown_version_is_named() -> None:
    """A file of a newer daemon is refused with a text that names its version."""
    with pytest.raises(StoreRejected, match=r"format '2', this version reads 1"):
        decode(b"2\n...")


def test_an_older_body_gets_the_defaults_of_new_fields() -> None:
    """A file from before a field existed is read; the field has its default."""
    document = json.loads(zlib.decompress(encode(Changes(folded=3)).partition(b"\n")[2]))
    del document["unmatched_clears"]
    body = b"1\n" + zlib.compress(json.dumps(document).encode())
    assert decode(body) == Changes(folded=3)


def test_a_field_of_the_future_is_refused() -> None:
    """A field that this version does not know is not dropped silently."""
    body = b"1\n" + zlib.compress(b'{"folded": 3, "sampled": 5}')
    with pytest.raises(StoreRejected, match="sampled"):
        decode(body)
