"""Caching of texts that strangers send."""

import tracemalloc

from connectors.webhook_in.secret_words import has_secrets
from opsconductor.connector.remember import LONGEST, remembered


def test_short_texts_are_remembered_and_long_ones_are_not() -> None:
    """The result is the same; only short texts are cached."""
    asked: list[str] = []

    @remembered(10)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    short, long = "a" * LONGEST, "a" * (LONGEST + 1)
    assert [length(text) for text in (short, short, long, long)] == [255, 255, 256, 256]
    assert asked == [short, long, long]


def test_long_names_in_posts_are_not_cached() -> None:
    """Names of a megabyte each are not cached."""

    def post(name: str) -> None:
        has_secrets({name}, f'{{"{name}": 1}}'.encode())

    tracemalloc.start()
    try:
        for number in range(20):
            post(f"{number}" + "x" * 1_000_000)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000
