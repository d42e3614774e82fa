"""The detector uses no future sample, and continues bit-equal from a checkpoint."""

from dataclasses import fields

import numpy as np
import pytest

from opsconductor.detect.checkpoint import load, save
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.findings import Findings, joined
from opsconductor.errors import DecodeError
from tests.unit.detect.feeds import PER_DAY, feed, noise, times

DAYS = 3


def equal(one: list[Findings], other: list[Findings]) -> bool:
    """Compare findings bit by bit."""
    first, second = joined(one), joined(other)
    return all(
        getattr(first, each.name).tobytes() == getattr(second, each.name).tobytes() for each in fields(first)
    )


def test_the_scores_are_equal_with_the_future_cut_off() -> None:
    """The findings of a sample do not change when later samples differ or are missing."""
    at, values = times(DAYS * PER_DAY), noise(20, DAYS * PER_DAY)
    values[:5, 2 * PER_DAY :] += 30
    cut = 2 * PER_DAY + 40
    whole, part = Detector(DetectorConfig(open_days=1)), Detector(DetectorConfig(open_days=1))
    found = feed(whole, at, values)[:cut]
    assert len(joined(found)) > 0
    assert equal(found, feed(part, at[:cut], values[:, :cut]))


def test_a_checkpoint_goes_on_bit_equal() -> None:
    """After a restore the findings and the whole state equal those of a detector that never stopped."""
    at, values = times(DAYS * PER_DAY), noise(20, DAYS * PER_DAY)
    values[:5, 2 * PER_DAY + 10 :] += 30
    detector = Detector(DetectorConfig(open_days=1))
    feed(detector, at[: 2 * PER_DAY], values[:, : 2 * PER_DAY])
    restored = load(b"".join(save(detector)))
    assert restored.damaged == ()
    assert not restored.pooled_damaged
    rest = slice(2 * PER_DAY, None)
    expected = feed(detector, at[rest], values[:, rest])
    assert len(joined(expected)) > 0
    assert equal(expected, feed(restored.detector, at[rest], values[:, rest]))
    assert b"".join(save(detector)) == b"".join(save(restored.detector))


def test_a_damaged_block_is_refused_and_its_series_start_anew() -> None:
    """One flipped bit costs the series of its block, which are named; the others go on."""
    detector = Detector(DetectorConfig())
    feed(detector, times(10), noise(5_000, 10))
    data = bytearray(b"".join(save(detector)))
    data[-100] ^= 1
    restored = load(bytes(data))
    assert restored.damaged == ((4_096, 4_999),)
    counts = restored.detector.state.fields["count"]
    assert set(counts[:4_096].tolist()) == {10}
    assert set(counts[4_096:5_000].tolist()) == {0}


def test_what_was_learnt_is_kept_with_other_hyperparameters() -> None:
    """Other hyperparameters apply from now on; other block sizes or another clock do not fit."""
    detector, config = Detector(DetectorConfig()), DetectorConfig(open_days=7)
    feed(detector, times(10), noise(20, 10))
    data = b"".join(save(detector))
    restored = load(data, config=config).detector
    assert restored.config == config
    assert set(restored.state.fields["count"].tolist()) == {10}
    for other in (DetectorConfig(block_s=3_600), DetectorConfig(zone="Europe/Berlin")):
        with pytest.raises(DecodeError, match="it has learnt with"):
            load(data, config=other)


def test_a_foreign_file_is_no_checkpoint() -> None:
    """A header that is damaged, cut or of another version is refused."""
    data = b"".join(save(Detector(DetectorConfig())))
    for broken in (b"", data[:10], b"X" + data[1:], data[:30] + b"?" + data[31:]):
        with pytest.raises(DecodeError):
            load(broken)


def test_the_order_of_the_series_in_a_step_does_not_matter() -> None:
    """A step with shuffled, sparse series finds the same as the samples in order."""
    at, values = times(3 * PER_DAY), noise(50, 3 * PER_DAY)
    straight, shuffled = Detector(DetectorConfig()), Detector(DetectorConfig())
    straight.grow(50)
    shuffled.grow(50)
    rng = np.random.default_rng(3)
    for column, time in enumerate(at.tolist()):
        rows = np.sort(rng.choice(50, 30, replace=False)).astype(np.int32)
        mixed = rng.permutation(rows)
        straight.step(rows, np.full(30, time), values[rows, column])
        shuffled.step(mixed, np.full(30, time), values[mixed, column])
    assert b"".join(save(straight)) == b"".join(save(shuffled))
