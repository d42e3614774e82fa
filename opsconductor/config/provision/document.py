"""YAML files with the line of every value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from opsconductor.config.provision.yaml_reading import KeyPath, TooDeep, YamlReading, key_text
from opsconductor.errors import Fault

LARGEST_FILE_BYTES = 16 * 1024 * 1024
"""About 60,000 mappings; reading takes a hundred times as much memory. More can be split into files."""
YAML_REMEDY = "look at indentation, quotes and brackets on this line and the one before"
YAML_REMEDIES = (
    ("found another document", "one document per file, without --- between documents"),
    ("expected node content", "a value after the dash or colon, and brackets that are closed"),
    ("a tab character", "spaces instead of tabs"),
    ("undefined alias", "quotes around text that begins with *"),
    ("block sequence entries", "a list that begins on the line after its key"),
    ("cannot start any token", "spaces instead of tabs, and quotes around text that begins with @, ` or %"),
    ("expected ',' or ']'", "a closing ] at the end of a list in brackets"),
    (
        "expected ',' or '}'",
        "a closing } at the end of a mapping in braces, and quotes around text with braces",
    ),
    (
        "mapping values are not allowed",
        "quotes around text with a colon; keys aligned under each other, each with a space after its colon",
    ),
    ("expected ':'", "key: value, with a space after the colon"),
    (
        "did not find expected key",
        "the same indentation for all keys of a mapping, and nothing after a closing quote or bracket",
    ),
    ("expected '-' indicator", "the same indentation for all entries of a list"),
    ("end of stream", "a closing quote"),
    ("alphabetic or numeric character", "quotes around text that begins with * or &"),
    ("unknown escape character", "single quotes around text with a backslash"),
)
"""Fragments of the parser's messages, and the most common remedy for each."""
BEGUN_WRONG = ("while scanning a quoted scalar", "while scanning a simple key")
"""What the parser was reading when the fault is where that begins, however far it has read since."""
IN_BRACKETS = "while parsing a flow"


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
    line = None
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
        if len(content) <= LARGEST_FILE_BYTES:
            return parse_document(content.decode("utf-8-sig"), path)
        found, expected = f"more than {LARGEST_FILE_BYTES} bytes", "a smaller file"
    except OSError as error:
        found, expected = (error.strerror or "an error").lower(), "a file that can be read"
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        found, expected = f"byte 0x{error.object[error.start]:02x} that is not UTF-8", "a text file in UTF-8"
    return Document(file=str(path), value=None), [_fault(path, line, found, expected)]


def parse_document(text: str, path: Path) -> tuple[Document, list[Fault]]:
    """Parse YAML text as if it were in a file; see `read_document`."""
    reading = YamlReading(text, str(path))
    try:
        value = reading.read()
    except TooDeep as error:
        fault = _fault(path, error.line, error.found, error.expected)
    except yaml.MarkedYAMLError as error:
        fault = _syntax_fault(path, error)
    except yaml.YAMLError:  # a control character; the reader's error has no line
        line = 1 + text[: _first_control(text)].count("\n")
        fault = _fault(path, line, "a control character", "valid YAML")
    else:
        return Document(file=str(path), value=value, lines=reading.lines), reading.faults
    return Document(file=str(path), value=None), [fault]


def _syntax_fault(path: Path, error: yaml.MarkedYAMLError) -> Fault:
    """Return the fault of a syntax error, on the line that has to be changed."""
    noticed, begun = _line(error.problem_mark), _line(error.context_mark)
    found = str(error.problem)
    if error.context in BEGUN_WRONG:
        noticed = begun
    elif (error.context or "").startswith(IN_BRACKETS) and begun != noticed:
        found = f"{found}, in brackets that are opened on line {begun}"
    return _fault(path, noticed or begun, f"a syntax error ({found})", _yaml_remedy(error.problem))


def _line(mark: yaml.Mark | None) -> int | None:
    return None if mark is None else mark.line + 1


def _yaml_remedy(problem: str | None) -> str:
    """Return the most common remedy for a syntax error."""
    found = (remedy for words, remedy in YAML_REMEDIES if words in (problem or ""))
    return f"valid YAML: {next(found, YAML_REMEDY)}"


def _first_control(text: str) -> int:
    match = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    return 0 if match is None else match.start()


def _fault(path: Path, line: int | None, found: str, expected: str) -> Fault:
    return Fault(file=str(path), line=line, key="file", found=found, expected=expected)
