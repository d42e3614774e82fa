"""YAML reader that keeps the line of every value.

Scalars follow the core schema of YAML 1.2, not the rules of 1.1: `no` is the text "no"; `1:30`
and `0161` are text. Keys are always text, so that OIDs and numbers can be keys.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isinf
from pathlib import Path

import yaml

from opsconductor.errors import ConfigError, Fault

KeyPath = tuple[str | int, ...]
"""Path of a value in a document: keys and list positions from the top."""

DEEPEST = 50
"""Maximum nesting of lists and mappings: far above any need, far below the limit of the parser's stack."""
MOST_ALIASED = 100_000
"""Maximum number of values from aliases; a few lines of nested aliases can expand to billions."""
LONGEST_INTEGER = 100
"""Maximum length of a number in characters; Python cannot convert 4,301 digits, JSON readers far fewer."""
LARGEST_FILE_BYTES = 16 * 1024 * 1024
"""About 60,000 mappings; reading takes a hundred times as much memory. More can be split into files."""
YAML_REMEDY = "look at indentation, quotes and brackets on this line and the one before"
YAML_REMEDIES = (
    ("found another document", "one document per file, without --- between documents"),
    ("expected node content", "a value after the dash or colon, and brackets that are closed"),
    ("cannot start any token", "spaces instead of tabs, and quotes around text that begins with @, ` or %"),
    ("expected ',' or ']'", "a closing ] at the end of a list in brackets"),
    (
        "expected ',' or '}'",
        "a closing } at the end of a mapping in braces, and quotes around text with braces",
    ),
    (
        "mapping values are not allowed",
        "quotes around text with a colon; keys aligned under each other",
    ),
    ("expected ':'", "key: value, with a space after the colon"),
    ("did not find expected key", "the same indentation for all keys of a mapping"),
    ("expected '-' indicator", "the same indentation for all entries of a list"),
    ("end of stream", "a closing quote"),
    ("alphabetic or numeric character", "quotes around text that begins with * or &"),
    ("unknown escape character", "single quotes around text with a backslash"),
)
"""Fragments of the parser's messages, and the most common remedy for each."""
TAG = "tag:yaml.org,2002:"
TOO_DEEP = (f"lists and mappings nested more than {DEEPEST} levels deep", "fewer levels")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Content of one file.

    Attributes:
        file: Its path for messages.
        value: Mappings with text keys, lists, text, numbers, booleans and None.
        lines: Line, counted from 1, of every key and list entry.
        variables: Environment variable of every key that the environment sets or overrides.
    """

    file: str
    value: object
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    variables: Mapping[KeyPath, str] = field(default_factory=dict)

    def knows(self, path: KeyPath) -> bool:
        """Return True if there is a value at a key path."""
        return path in self.lines or any(given[: len(path)] == path for given in self.variables)

    def fault(self, path: KeyPath, found: str, expected: str) -> Fault:
        """Return a fault for the value at a key path, or for its absence."""
        if variable := self.variables.get(path):
            return Fault(file="environment", line=None, key=variable, found=found, expected=expected)
        return Fault(
            file=self.file, line=self.line_of(path), key=key_text(path), found=found, expected=expected
        )

    def line_of(self, path: KeyPath) -> int | None:
        """Return the line of a key, or of the nearest enclosing one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_document(path: Path) -> tuple[Document, list[Fault]]:
    """Read a YAML file; return its faults together with whatever could be read."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
        if len(content) <= LARGEST_FILE_BYTES:
            return parse_document(content.decode("utf-8-sig"), path)
        found, expected = f"more than {LARGEST_FILE_BYTES} bytes", "a smaller file"
    except OSError as error:
        found, expected = (error.strerror or "an error").lower(), "a file that can be read"
    except UnicodeDecodeError as error:
        found, expected = f"byte {error.start} that is not UTF-8", "a text file in UTF-8"
    return Document(file=str(path), value=None), [_fault(path, None, found, expected)]


def parse_document(text: str, path: Path) -> tuple[Document, list[Fault]]:
    """Parse YAML text as if it were in a file; see `read_document`."""
    try:
        line = _too_deep(text)
        root = yaml.compose(text, Loader=CoreLoader) if line is None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        return Document(file=str(path), value=None), [
            _fault(path, line, f"a syntax error ({error.problem})", _yaml_remedy(error.problem))
        ]
    except yaml.YAMLError:  # a control character; the reader's error has no line
        line = 1 + text[: _first_control(text)].count("\n")
        return Document(file=str(path), value=None), [_fault(path, line, "a control character", "valid YAML")]
    if line is not None:
        return Document(file=str(path), value=None), [_fault(path, line, *TOO_DEEP)]
    reading = _Reading(path)
    value = None if root is None else reading.value_of(root, ())
    return Document(file=str(path), value=value, lines=reading.lines), reading.faults


def key_text(path: KeyPath) -> str:
    """Format a key path: `connectors[0].config.listen`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "file"


def _too_deep(text: str) -> int | None:
    """Return the line on which nesting exceeds the limit; the parser would overflow its stack."""
    depth = 0
    for event in yaml.parse(text, Loader=CoreLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST and event.start_mark is not None:
                return event.start_mark.line + 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _yaml_remedy(problem: str | None) -> str:
    """Return the most common remedy for a syntax error."""
    found = (remedy for words, remedy in YAML_REMEDIES if words in (problem or ""))
    return f"valid YAML: {next(found, YAML_REMEDY)}"


def _first_control(text: str) -> int:
    match = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    return 0 if match is None else match.start()


def _fault(path: Path, line: int | None, found: str, expected: str) -> Fault:
    return Fault(file=str(path), line=line, key="file", found=found, expected=expected)


class _Reading:
    """Converts nodes to plain values and records lines and faults."""

    def __init__(self, path: Path) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.faults: list[Fault] = []
        self._path = path
        self._open: set[int] = set()  # nodes being read: one of them inside itself is a circle
        self._read: set[int] = set()  # lists and mappings that were read: what comes again is an alias
        self._aliased = 0

    def value_of(self, node: yaml.Node, at: KeyPath) -> object:
        """Convert a node and everything below it."""
        if len(at) > DEEPEST:
            self._report(node, at, *TOO_DEEP)
            return None
        self._note_alias(node)
        if id(node) in self._open:
            self._report(node, at, "an alias of an enclosing value", "a value")
            return None
        self._open.add(id(node))
        try:
            return self._plain(node, at)
        finally:
            self._open.discard(id(node))

    def _note_alias(self, node: yaml.Node) -> None:
        if not isinstance(node, yaml.CollectionNode):
            return
        if id(node) in self._read:
            self._aliased += max(1, len(node.value))
        self._read.add(id(node))
        if self._aliased > MOST_ALIASED:
            found = f"more than {MOST_ALIASED} values from aliases"
            raise ConfigError([_fault(self._path, node.start_mark.line + 1, found, "fewer aliases")])

    def _plain(self, node: yaml.Node, at: KeyPath) -> object:
        tag = str(node.tag).removeprefix(TAG)
        if isinstance(node, yaml.MappingNode) and tag == "map":
            return dict(self._entries(node, at))
        if isinstance(node, yaml.SequenceNode) and tag == "seq":
            return [self._entry(child, (*at, index)) for index, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and tag in SCALARS:
            return self._scalar(node, tag, at)
        self._report(node, at, f"the tag {tag}", "a value without a tag")
        return None

    def _entries(self, node: yaml.MappingNode, at: KeyPath) -> Iterator[tuple[str, object]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(key_node, at, "a list or mapping as key", "text as key")
                continue
            key = str(key_node.value)
            if key in seen:
                self._report(key_node, (*at, key), f"the key again (first on line {seen[key]})", "it once")
                continue
            seen[key] = self.lines[(*at, key)] = line
            yield key, self.value_of(value_node, (*at, key))

    def _entry(self, node: yaml.Node, at: KeyPath) -> object:
        self.lines[at] = node.start_mark.line + 1
        return self.value_of(node, at)

    def _scalar(self, node: yaml.ScalarNode, tag: str, at: KeyPath) -> object:
        try:
            return SCALARS[tag](str(node.value))
        except ValueError:  # a tag on something else; too many digits; a NUL
            self._report(node, at, f"{tag} that cannot be read", "a number, or text in quotes without NUL")
            return None

    def _report(self, node: yaml.Node, at: KeyPath, found: str, expected: str) -> None:
        line = node.start_mark.line + 1
        self.faults.append(
            Fault(file=str(self._path), line=line, key=key_text(at), found=found, expected=expected)
        )
