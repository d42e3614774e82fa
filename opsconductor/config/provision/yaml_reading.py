"""YAML as plain values with their lines, built from the parser's events in one pass.

Scalars follow the core schema of YAML 1.2, not the rules of 1.1: `no` is the text "no"; `1:30`
and `0161` are text. Keys are always text, so that OIDs and numbers can be keys. No tree of nodes is built:
for thousands of rows that takes most of the time.
"""

import re
from collections.abc import Callable, Mapping
from math import isinf
from typing import Any

import yaml
from yaml import MappingEndEvent, ScalarEvent, SequenceEndEvent

from opsconductor.errors import ConfigError, Fault

KeyPath = tuple[str | int, ...]
"""Path of a value in a document: keys and list positions from the top."""

DEEPEST = 50
"""Maximum nesting of lists and mappings: far above any need, far below the limit of Python's stack."""
MOST_ALIASED = 100_000
"""Maximum number of values from aliases; a few lines of nested aliases can expand to billions."""
LONGEST_INTEGER = 100
"""Maximum length of a number in characters; Python cannot convert 4,301 digits, JSON readers far fewer."""
TAG = "tag:yaml.org,2002:"

_Event = Any
"""An event of the parser. What it holds depends on its kind, and the stubs know only their common base."""


class CoreLoader(yaml.CSafeLoader):
    """Distinguishes null, booleans and numbers from text by YAML 1.2; in C, ten times as fast."""


CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    CoreLoader.add_implicit_resolver(
        f"{TAG}{_tag}",
        re.compile(rf"(?:{_pattern})\Z"),
        ["" if c == "\0" else c for c in _first],
    )
_PLAIN = CoreLoader.yaml_implicit_resolvers


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError(text)  # PostgreSQL cannot keep it
    return text


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ValueError(text)
    return int(text, 16 if text.startswith("0x") else 10)


def _finite(text: str) -> float:
    if isinf(number := float(text)):
        raise ValueError(text)  # JSON cannot write it
    return number


SCALARS: Mapping[str, Callable[[str], object]] = {
    "str": _without_nul,
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": _integer,
    "float": _finite,
}


def key_text(path: KeyPath) -> str:
    """Format a key path: `connectors[0].config.listen`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "file"


class TooDeep(Exception):
    """Lists and mappings are nested too deeply; what follows is not read."""

    found = f"lists and mappings nested more than {DEEPEST} levels deep"
    expected = "fewer levels"

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class YamlReading:
    """Reads one text.

    Attributes:
        lines: Line, counted from 1, of every key and list entry that was read.
        faults: Values that could not be read.
    """

    def __init__(self, text: str, file: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.faults: list[Fault] = []
        self._file = file
        self._text = text
        self._pull: Callable[[], _Event] = self._first
        self._anchored: dict[str, list[_Event]] = {}
        self._open: set[str] = set()  # anchors whose value is being read: an alias of them would be a circle
        self._recordings: list[list[_Event]] = []  # of the values that are being read and have an anchor
        self._is_repeating = False
        self._aliased = 0

    def read(self) -> object:
        """Return the value of the only document; None: there is none.

        Raises:
            yaml.YAMLError: A syntax error.
            TooDeep: The nesting exceeds the limit.
            ConfigError: Aliases stand for too many values.
        """
        self._next()  # the beginning of the stream
        first = self._next()
        if isinstance(first, yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), ())
        self._next()  # the end of the document
        another = self._next()
        if not isinstance(another, yaml.StreamEndEvent):
            raise yaml.MarkedYAMLError(problem="but found another document", problem_mark=another.start_mark)
        return value

    def _first(self) -> _Event:
        """Open the parser and return the first event; it rejects control characters at once."""
        self._pull = CoreLoader(self._text).get_event
        return self._pull()

    def _next(self) -> _Event:
        event = self._pull()
        for recording in self._recordings:
            recording.append(event)
        return event

    def _value(self, event: _Event, at: KeyPath) -> object:
        """Return the value that begins with an event, and read to its end."""
        if self._is_repeating:
            self._count(event)
        elif type(event) is ScalarEvent and event.anchor is None:  # almost every value
            return self._scalar(event, at)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased_value(event, at)
        if event.anchor is None or self._is_repeating:
            return self._plain(event, at)
        recording = self._begin_anchor(event)
        self._recordings.append(recording)
        try:
            return self._plain(event, at)
        finally:
            self._recordings.pop()
            self._open.discard(event.anchor)

    def _begin_anchor(self, event: _Event) -> list[_Event]:
        name = event.anchor
        if name in self._anchored:
            raise yaml.MarkedYAMLError(problem="found a duplicate anchor", problem_mark=event.start_mark)
        self._open.add(name)
        recording = self._anchored[name] = [event]
        return recording

    def _aliased_value(self, event: _Event, at: KeyPath) -> object:
        """Return the value of an anchor, by reading its events again."""
        name, outer = event.anchor, (self._pull, self._recordings, self._is_repeating)
        events = self._of_anchor(event)
        if name in self._open:
            self._report(event, at, "an alias of an enclosing value", "a value")
            return None
        self._pull, self._recordings, self._is_repeating = iter(events).__next__, [], True
        self._open.add(name)
        try:
            return self._value(self._next(), at)
        finally:
            self._open.discard(name)
            self._pull, self._recordings, self._is_repeating = outer

    def _of_anchor(self, event: _Event) -> list[_Event]:
        events = self._anchored.get(event.anchor)
        if events is None:
            raise yaml.MarkedYAMLError(problem="found undefined alias", problem_mark=event.start_mark)
        return events

    def _count(self, event: _Event) -> None:
        self._aliased += 1
        if self._aliased > MOST_ALIASED:
            found = f"more than {MOST_ALIASED} values from aliases"
            raise ConfigError([self._fault(event, (), found, "fewer aliases")])

    def _plain(self, event: _Event, at: KeyPath) -> object:
        if isinstance(event, ScalarEvent):
            return self._scalar(event, at)
        if len(at) >= DEEPEST:
            raise TooDeep(event.start_mark.line + 1)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        value: object = self._entries(at) if is_list else self._pairs(at)
        if event.tag is not None and event.tag not in ("!", f"{TAG}seq" if is_list else f"{TAG}map"):
            self._report_tag(event, at)
            return None
        return value

    def _entries(self, at: KeyPath) -> list[object]:
        entries: list[object] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            path = (*at, len(entries))
            self.lines[path] = event.start_mark.line + 1
            entries.append(self._value(event, path))
        return entries

    def _pairs(self, at: KeyPath) -> dict[str, object]:
        pairs: dict[str, object] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            line, key = event.start_mark.line + 1, self._key(event, at)
            path = at if key is None else (*at, key)
            if key is None or key in pairs:
                if key is not None:
                    found = f"the key again (first on line {self.lines[path]})"
                    self._report(event, path, found, "it once")
                self._value(self._next(), (*at, ""))
                continue
            self.lines[path] = line
            pairs[key] = None
            pairs[key] = self._value(self._next(), path)
        return pairs

    def _key(self, event: _Event, at: KeyPath) -> str | None:
        """Return the text of a key; None, with a fault: it is a list or mapping."""
        if isinstance(event, ScalarEvent):
            if event.anchor is not None and not self._is_repeating:
                self._open.discard(self._begin_anchor(event)[0].anchor)
            return str(event.value)
        if isinstance(event, yaml.AliasEvent):
            first = self._of_anchor(event)[0]
            if isinstance(first, ScalarEvent):
                return str(first.value)
        self._report(event, at, "a list or mapping as key", "text as key")
        self._value(event, (*at, ""))
        return None

    def _scalar(self, event: _Event, at: KeyPath) -> object:
        text = event.value
        if event.tag is not None and event.tag != "!":
            tag = event.tag.removeprefix(TAG)
        else:
            tag = _plain_tag(text) if event.implicit[0] else "str"
        if tag not in SCALARS:
            self._report_tag(event, at)
            return None
        try:
            return SCALARS[tag](text)
        except ValueError:  # a tag on something else; too many digits; a NUL
            self._report(event, at, f"{tag} that cannot be read", "a number, or text in quotes without NUL")
            return None

    def _report_tag(self, event: _Event, at: KeyPath) -> None:
        self._report(event, at, f"the tag {event.tag.removeprefix(TAG)}", "a value without a tag")

    def _report(self, event: _Event, at: KeyPath, found: str, expected: str) -> None:
        self.faults.append(self._fault(event, at, found, expected))

    def _fault(self, event: _Event, at: KeyPath, found: str, expected: str) -> Fault:
        line = event.start_mark.line + 1
        return Fault(file=self._file, line=line, key=key_text(at), found=found, expected=expected)


def _plain_tag(text: str) -> str:
    """Return the type of a scalar without quotes."""
    for tag, pattern in _PLAIN.get(text[:1], ()):
        if pattern.match(text):
            return str(tag).removeprefix(TAG)
    return "str"
