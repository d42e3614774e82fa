"""Cache for functions of short texts; long ones, which could fill the memory, are computed each time."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

LONGEST = 255
"""Maximum number of characters of a cached text: host names and labels are shorter."""

Texts = ParamSpec("Texts")
Found = TypeVar("Found")


def remembered(most: int) -> Callable[[Callable[Texts, Found]], Callable[Texts, Found]]:
    """Decorate a pure function of texts from the network; called with positional arguments only.

    Args:
        most: Maximum number of cached results; the least recently used is evicted.
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
