"""Payload of a message as text, number or JSON; parsed at most once for all rules."""

import json
from collections.abc import Callable
from typing import Literal

from connectors.mqtt.numbers import number_in
from opsconductor.connector.language.json_text import read_json
from opsconductor.connector.language.path import MISSING
from opsconductor.errors import DecodeError

LARGEST = 1e15
"""Larger numbers are placeholders (99999999999999999999, 2^64-1, the largest float)."""

Form = Literal["auto", "text", "number", "json", "sparkplug"]
Step = Callable[[object], object]

NOT_TEXT, NOT_JSON, NOT_A_NUMBER, NOT_ONE_VALUE = "not_text", "not_json", "not_a_number", "not_one_value"
"""Reasons of DecodeError."""


class Payload:
    """The bytes of one message, and the cached results of parsing them."""

    __slots__ = ("_json", "_text", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._text: str | None = None
        self._json: object = MISSING

    @property
    def text(self) -> str:
        """The payload as text; raises DecodeError for bytes that are not text."""
        if self._text is None:
            try:
                self._text = self.data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise DecodeError(NOT_TEXT, at=error.start) from None
        return self._text

    @property
    def json(self) -> object:
        """The payload as JSON; raises DecodeError."""
        if self._json is MISSING:
            try:
                self._json = read_json(self.text)
            except (ValueError, RecursionError):
                raise DecodeError(NOT_JSON) from None
        return self._json

    def read(self, form: Form) -> object:
        """Return the payload in the format that a rule expects; `auto` reads invalid JSON as text."""
        if form == "text":
            return self.text.strip()
        if form == "number":
            return number_of(self.text)
        if form == "json":
            return self.json
        try:
            return self.json
        except DecodeError:
            return self.text.strip()


def number_of(value: object) -> float:
    """Return the number of a number or a text; see `numbers.py` for the texts.

    Raises:
        DecodeError: It is not a number, or not a measurement: not finite, or beyond `LARGEST`.
    """
    if isinstance(value, bool):
        return float(value)
    number: float | None = None
    if isinstance(value, int | float):
        number = float(value) if -LARGEST <= value <= LARGEST else None  # also refuses NaN
    elif isinstance(value, str):
        number = number_in(value)
    if number is None or not -LARGEST <= number <= LARGEST:
        raise DecodeError(NOT_A_NUMBER)
    return number


def word_of(value: object) -> str:
    """Return a value as a key of `values`: lower case, `true`, `1`, `21.5`, `null`."""
    if isinstance(value, str):
        return value.strip().lower()
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        try:
            return f"{value:.15g}"
        except OverflowError:  # a whole number that is larger than any float
            return "inf" if value > 0 else "-inf"
    raise DecodeError(NOT_ONE_VALUE)


def shown(value: object) -> str:
    """Return a value as readable text, as received."""
    if isinstance(value, str):
        return value.strip()
    try:
        return f"{value:.6g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):  # too deep; a number of more digits than Python writes
        return "…"
