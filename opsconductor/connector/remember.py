"""Remembers what short texts come to; long ones, of which a few would fill the memory, are looked at anew."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

LONGEST = 255
"""Characters of what is remembered: names of hosts and labels are shorter."""

Texts = ParamSpec("Texts")
Found = TypeVar("Found")


def remembered(most: int) -> Callable[[Callable[Texts, Found]], Callable[Texts, Found]]:
    """Decorate a pure function of texts that strangers send; called with positional arguments only.

    Args:
        most: Results that are kept; the longest unused gives way.
    """

    def decorate(function: Callable[Texts, Found]) -> Callable[Texts, Found]:
        known = lru_cache(most)(function)

        @wraps(function)
        def ask(*texts: Texts.args, **named: Texts.kwargs) -> Found:
            for text in texts:
                if len(text) > LONGEST:  # type: ignore[arg-type]
                    return function(*texts, **named)
            return known(*texts, **named)  # type: ignore[arg-type]

        return ask

    return decorate
