"""Outer shape of documents: one alert, or many."""

from collections.abc import Sequence

from opsconductor.errors import DecodeError


def one_or_many(document: object) -> Sequence[object]:
    """Return a list as its alerts and an object as one alert.

    Raises:
        DecodeError: `wrong_shape`.
    """
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        return (document,)
    raise wrong_shape("an object or a list of objects")


def wrong_shape(expected: str) -> DecodeError:
    """Return the error for a document of another shape."""
    return DecodeError("wrong_shape", f"expected {expected}")
