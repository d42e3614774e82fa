"""What documents look like from outside: one alert, or many of them."""

from collections.abc import Sequence

from opsconductor.errors import DecodeError


def one_or_many(document: object) -> Sequence[object]:
    """Take a list as its alerts and an object as one.

    Raises:
        DecodeError: `wrong_shape`.
    """
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        return (document,)
    raise wrong_shape("an object or a list of objects")


def wrong_shape(expected: str) -> DecodeError:
    """Say what a document should have been."""
    return DecodeError("wrong_shape", f"expected {expected}")
