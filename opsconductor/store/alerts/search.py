"""Search in the text of alerts, the same in memory and in PostgreSQL.

The text is title, device name, address and the first characters of the message, in small letters. A search is
one or more terms between spaces. Each must be part of the text, and its words must begin where words of the
text do: `switch-77` is found in "Link down - switch-771", `witch` is not. So an index of words answers. Terms
without a letter or a digit are ignored.
"""

from collections.abc import Sequence

from opsconductor.model.alert import Alert

SEARCHED_CHARACTERS = 4_000
"""As in the function `alert_text` of the database."""
LONGEST_WORD = 60
"""Of a longer word the beginning is compared."""
SEPARATORS = frozenset(chr(code) for code in range(128) if not chr(code).isalnum()) - {
    chr(code) for code in range(32) if chr(code) not in "\t\n\r\v\f"
}
"""Characters between words, as in `text_words`; other control characters are letters like any other."""

TEXT = "alert_text(title, device_name, device_ip, message)"
WORDS_FOUND = f"text_words({TEXT}) @@ {{}}::text::tsquery"
TERM_FOUND = f"strpos({TEXT}, {{}}) > 0"

_SPACES = str.maketrans(dict.fromkeys(SEPARATORS, " "))


def terms_of(search: str) -> tuple[str, ...]:
    """Return the terms that have a letter or a digit, in small letters."""
    return tuple(dict.fromkeys(term for term in search.lower().split() if words_of(term)))


def words_of(term: str) -> list[str]:
    """Return the words of a term, in order."""
    return [word for word in term.translate(_SPACES).split(" ") if word]


def words_query(terms: Sequence[str]) -> str:
    """Return the `tsquery` of the words of all terms; the last word of a term may be a prefix."""
    parts = []
    for term in terms:
        words = words_of(term)
        for place, word in enumerate(words, 1):
            goes_on = (place == len(words) and term.endswith(word)) or len(word) >= LONGEST_WORD
            parts.append(f"'{word[:LONGEST_WORD]}'" + (":*" if goes_on else ""))
    return " & ".join(parts)


def searched_text(alert: Alert) -> str:
    """Return the text of an alert that is searched."""
    head = f"{alert.title}\n{alert.device_name or ''}\n{alert.device_ip or ''}\n"
    return (head + alert.message[:SEARCHED_CHARACTERS])[:SEARCHED_CHARACTERS].lower()


class Finder:
    """Searches texts for terms; what they have in common is prepared once."""

    def __init__(self, terms: Sequence[str]) -> None:
        """Take terms of `terms_of`."""
        self._terms = [
            (term, [_word_of(term, word, is_last=place == len(words)) for place, word in enumerate(words, 1)])
            for term in terms
            if (words := words_of(term))
        ]

    def is_found(self, text: str) -> bool:
        """Return whether a searched text has all terms."""
        for term, words in self._terms:
            if term not in text:
                return False
            for word, is_whole in words:
                if not _has_word(text, word, is_whole=is_whole):
                    return False
        return True


def _word_of(term: str, word: str, *, is_last: bool) -> tuple[str, bool]:
    """Return what is looked for of a word of a term, and whether a word of the text ends where it ends."""
    is_whole = not (is_last and term.endswith(word)) and len(word) < LONGEST_WORD
    return word[:LONGEST_WORD], is_whole


def _has_word(text: str, word: str, *, is_whole: bool) -> bool:
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        begins = at == 0 or text[at - 1] in SEPARATORS
        if begins and (not is_whole or end == len(text) or text[end] in SEPARATORS):
            return True
        at = text.find(word, at + 1)
    return False
