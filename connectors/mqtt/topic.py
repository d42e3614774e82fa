"""Topic patterns with captures: `zigbee2mqtt/{device}/availability`, `tele/+/LWT`, `site/{path*}`."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

MOST_LEVELS = 4
"""Levels that `{name*}` can match when more follows; each number of levels is a subscription."""
LONGEST = 1_000
LEVEL = re.compile(r"(?P<plain>[^+#{}]*)|(?P<one>\+)|\{(?P<name>[a-z][a-z0-9_]*)(?P<many>\*?)\}")
EXPECTED = (
    "levels separated by /, each a text, +, {name} for one level, {name*} for several levels, or # at the end"
)


class TopicPattern:
    """One pattern: which topics it matches, what it captures, and its subscriptions.

    Attributes:
        names: What it captures.
        filters: MQTT filters that together cover it.
    """

    def __init__(self, text: str) -> None:
        """Parse a pattern; raises ValueError with what is expected."""
        levels = text.split("/")
        if not text or len(text) > LONGEST or "\0" in text:
            raise ValueError(EXPECTED)
        expressions, pieces = [], []
        for position, level in enumerate(levels):
            is_last = position == len(levels) - 1
            expression, alternatives = _read(level, is_last=is_last)
            expressions.append(expression)
            pieces.append(alternatives)
        self.text = text
        self._expression = "/".join(expressions).replace("/(?:.*)", "(?:/.*)?")
        names = list(self._compiled.groupindex)
        self.names = frozenset(names)
        filters = [""]
        for alternatives in pieces:
            filters = [f"{before}/{piece}" for before in filters for piece in alternatives]
        self.filters = tuple(whole[1:] for whole in filters)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        try:
            return re.compile(self._expression, re.DOTALL)
        except re.error:
            raise ValueError("each {name} only once") from None

    @property
    def is_exact(self) -> bool:
        """True when it matches a single topic."""
        return self.filters == (self.text,) and not set("+#") & set(self.text)

    def match(self, topic: str) -> Mapping[str, str] | None:
        """Return the captures; None: the topic does not match."""
        if topic.startswith("$") and not self.text.startswith("$"):
            return None
        found = self._compiled.fullmatch(topic)
        return None if found is None else found.groupdict()


def _read(level: str, *, is_last: bool) -> tuple[str, tuple[str, ...]]:
    """Return the regular expression of one level, and its alternatives in a filter."""
    if level == "#" and is_last:
        return "(?:.*)", ("#",)
    found = LEVEL.fullmatch(level)
    if found is None:
        raise ValueError(EXPECTED)
    if found["name"] and found["many"]:
        several = ("#",) if is_last else tuple("/".join("+" * n) for n in range(1, MOST_LEVELS + 1))
        levels = r"[^/]*(?:/[^/]*)*" if is_last else rf"[^/]*(?:/[^/]*){{0,{MOST_LEVELS - 1}}}"
        return f"(?P<{found['name']}>{levels})", several
    if found["name"]:
        return f"(?P<{found['name']}>[^/]*)", ("+",)
    return ("[^/]*", ("+",)) if found["one"] else (re.escape(level), (level,))


def covers(wide: str, narrow: str) -> bool:
    """Return True if one filter matches everything that another one matches."""
    wanted, given = wide.split("/"), narrow.split("/")
    if given[0].startswith("$") and wanted[0] in ("+", "#"):
        return False
    for position, level in enumerate(wanted):
        if level == "#":
            return True
        if position >= len(given) or given[position] == "#":
            return False
        if level not in ("+", given[position]):
            return False
    return len(wanted) == len(given)


def fewest(filters: Iterable[str]) -> tuple[str, ...]:
    """Remove filters covered by others: some brokers send a message once for each match."""
    distinct = sorted(set(filters))
    return tuple(
        one for one in distinct if not any(other != one and covers(other, one) for other in distinct)
    )
