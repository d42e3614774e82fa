"""Packed values are unpacked unchanged, are small, and damage is noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.errors import DecodeError
from opsconductor.series.aggregates import grouped, pack_slots, slots_of, unpack_slots
from opsconductor.series.packing.batch_codec import pack_batch, unpack_batch
from opsconductor.series.packing.codec import pack, unpack
from opsconductor.series.points import Columns, Points

START = 1_767_225_600_000
finite = st.floats(allow_nan=False, allow_infinity=False)


def points_of(times: list[int], values: list[float]) -> Points:
    """Return points as the codec takes them."""
    return Points(np.array(times, np.int64), np.array(values, np.float64))


@given(st.dictionaries(st.integers(-(2**40), 2**43), finite, min_size=1, max_size=200))
def test_any_points_are_read_back_bit_by_bit(given_points: dict[int, float]) -> None:
    """Times far apart, negative zeros, the largest and smallest floats."""
    times = sorted(given_points)
    points = points_of(times, [given_points[at] for at in times])
    found = unpack(pack(points))
    assert found.times.tolist() == times
    assert found.values.tobytes() == points.values.tobytes()


@given(st.lists(st.tuples(st.integers(1, 2**31 - 1), st.integers(0, 2**42), finite), max_size=100))
def test_any_batch_is_read_back_bit_by_bit(rows: list[tuple[int, int, float]]) -> None:
    """Also an empty one."""
    columns = Columns(
        np.array([row[0] for row in rows], np.int32),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
    )
    found = unpack_batch(pack_batch(columns))
    assert found.series.tobytes() == columns.series.tobytes()
    assert found.times.tobytes() == columns.times.tobytes()
    assert found.values.tobytes() == columns.values.tobytes()


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_the_decoders_error(noise: bytes) -> None:
    """Neither codec lets another exception through."""
    for read in (unpack, unpack_batch, unpack_slots):
        with pytest.raises(DecodeError):
            read(noise)


def test_one_changed_byte_is_noticed() -> None:
    """Any byte."""
    packed = pack(points_of([START + 60_000 * n for n in range(60)], [float(n % 7) for n in range(60)]))
    for at in range(len(packed)):
        damaged = packed[:at] + bytes([packed[at] ^ 0x10]) + packed[at + 1 :]
        with pytest.raises(DecodeError):
            unpack(damaged)


@pytest.mark.parametrize(
    ("values", "most_bytes"),
    [
        ([21.5] * 60, 40),
        ([float(n * n % 101) for n in range(60)], 120),
        ([round(20 + np.sin(n / 9), 1) for n in range(60)], 90),
    ],
    ids=["constant", "percent", "one decimal"],
)
def test_usual_values_of_an_hour_are_small(values: list[float], most_bytes: int) -> None:
    """60 points would be 960 bytes."""
    assert len(pack(points_of([START + 60_000 * n for n in range(60)], values))) <= most_bytes


def test_aggregates_keep_seven_digits() -> None:
    """Number and times are exact, gaps stay gaps."""
    minutes = [n for n in range(1440) if not 600 <= n < 700]
    points = points_of([START + 60_000 * n for n in minutes], [n / 7 for n in minutes])
    slots = grouped(slots_of(points), 300_000)
    found = unpack_slots(pack_slots(slots, START, 300_000))
    assert found.times.tolist() == slots.times.tolist()
    assert found.amounts.tolist() == slots.amounts.tolist() == [5] * 268
    for given_column, column in zip(slots[2:], found[2:], strict=True):
        np.testing.assert_allclose(column, given_column, rtol=1e-6)
