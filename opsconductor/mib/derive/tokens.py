"""Names and sentences of MIBs as words in their base form."""

import re
from collections.abc import Iterable
from functools import lru_cache

from opsconductor.mib.derive.lemmas import ENDINGS, LEMMAS, PHRASES, WRITTEN_AS_ONE

TEXT_READ = 600
"""Characters of a description that are read; what follows is rationale and advice."""
SHORTEST_SPLIT = 3

_PIECE = re.compile(
    r"[A-Z]{2,}(?<!D)(?=(?:up|down|on|off|ok|full)(?![a-z]))|(?:AP|IP|VM|LSP|LSA|CPU|PSU|UPS|VLAN|LUN|FRU|DNS|LSR|SSID|VRF|IF)s(?![a-z])|[A-Z]+(?=[A-Z][a-z])"
    r"|[A-Z]?[a-z]+|[A-Z]+|[0-9]+"
)
_WORD = re.compile(r"[A-Za-z]+|[0-9]+")


@lru_cache(maxsize=65_536)
def pieces_of(name: str) -> tuple[str, ...]:
    """Split a descriptor at capitals, digits and separators: `bgpPeer_DOWN2` is `bgp Peer DOWN 2`."""
    found: list[str] = []
    for piece in _PIECE.findall(name):
        found.extend(_split_ending(piece))
    return tuple(found)


@lru_cache(maxsize=65_536)
def words_of(name: str) -> tuple[str, ...]:
    """Split a descriptor into words in their base form; phrases are one word: `BackToNormal` is `normal`."""
    return joined(lemma_of(piece.lower()) for piece in pieces_of(name))


@lru_cache(maxsize=4096)
def words_of_text(text: str) -> tuple[str, ...]:
    """Split the beginning of a description into words in their base form, as `words_of` does with names."""
    return joined(lemma_of(word.lower()) for word in _WORD.findall(text[:TEXT_READ]))


def lemma_of(word: str) -> str:
    """Return the base form of a word in lower case: `failures` is `fail`."""
    return LEMMAS.get(word, word)


def joined(words: Iterable[str]) -> tuple[str, ...]:
    """Replace phrases of up to four words by the one word that they mean."""
    rest = list(words)
    found: list[str] = []
    while rest:
        for length in (4, 3, 2):
            meaning = PHRASES.get(tuple(rest[:length]))
            if meaning is not None:
                found.append(meaning)
                del rest[:length]
                break
        else:
            found.append(rest.pop(0))
    return tuple(found)


def _split_ending(piece: str) -> tuple[str, ...]:
    """Split `serverunreachable`, written without capitals, before the word for a state at its end."""
    lower = piece.lower()
    if lower in WRITTEN_AS_ONE:
        return WRITTEN_AS_ONE[lower]
    if lower in LEMMAS or len(lower) < 2 * SHORTEST_SPLIT:
        return (piece,)
    for ending in ENDINGS:
        begin = lower.removesuffix(ending)
        if begin != lower and len(begin) >= SHORTEST_SPLIT and not begin.startswith("un"):
            return (*_split_ending(piece[: len(begin)]), piece[len(begin) :])
    return (piece,)
