"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from opsconductor.connector.settings.duration import (
    Duration,
    PositiveDuration,
    format_duration,
    parse_duration,
)


class Model(BaseModel):
    """A model with durations."""

    wait: Duration
    limit: PositiveDuration = parse_duration("1m")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (90, 90),
        (1.5, 1.5),
        ("90", 90),
        ("0", 0),
        ("60s", 60),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86_400),
        ("1h30m", 5400),
        ("1d2h3m4.5s", 93_784.5),
        (" 5m ", 300),
    ],
)
def test_length_is_read(written: object, seconds: float) -> None:
    """Numbers and bare numerals are seconds; units go from large to small."""
    assert parse_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        "1m30", "10M", "5 m", "m", "", "30m1h", "1h1h", "5 minutes", "1:30", "٣s", "1e3", "+5",
        True, None, [5], float("nan"), float("inf"), 1e300, "99999999d", "4000d",
    ],
)  # fmt: skip
def test_ambiguous_length_is_refused(written: object) -> None:
    """Text with two readings, or none, is refused with the form of a length of time."""
    with pytest.raises(ValueError, match="a length of time such as 90"):
        parse_duration(written)


@pytest.mark.parametrize("written", [-1, "-1s", "-5", timedelta(seconds=-1)])
def test_negative_length_is_refused(written: object) -> None:
    """A length of time cannot be negative."""
    with pytest.raises(ValueError, match="not negative"):
        parse_duration(written)


def test_zero_is_refused_where_it_makes_no_sense() -> None:
    """A timeout of zero would allow nothing."""
    with pytest.raises(ValidationError, match="more than zero"):
        Model.model_validate({"wait": 0, "limit": 0})


@pytest.mark.parametrize("text", ["0s", "45s", "1m30s", "1h30m", "1d", "0.25s", "2h0.000001s"])
def test_short_text_is_read_back(text: str) -> None:
    """Written text is read back as the same length."""
    assert format_duration(parse_duration(text)) == text


def test_model_writes_short_text_in_json_and_keeps_timedelta_in_python() -> None:
    """JSON holds the text that people write, Python the value."""
    model = Model.model_validate({"wait": "90"})
    assert model.model_dump(mode="json") == {"wait": "1m30s", "limit": "1m"}
    assert model.model_dump() == {"wait": timedelta(seconds=90), "limit": timedelta(minutes=1)}
