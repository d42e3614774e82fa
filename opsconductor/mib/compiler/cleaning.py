"""Removal of comments and quoted strings from the text of a MIB file.

The result contains no prose, so that keywords in descriptions and unclosed quotes do not mislead
the parser. A string is replaced by its number in quotes; a comment is removed.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

LONGEST_STRING = 65_536
"""Longest string that is not closed by its next quote."""

MOST_INNER_QUOTES = 16

_SPECIAL = re.compile(r'--|"')
_MARKS = (("\xef\xbb\xbf", "utf-8-sig"), ("\xff\xfe", "utf-16"), ("\xfe\xff", "utf-16"))
_ODD = re.compile(r"[^\t\n\x20-\x7e]+")
_AFTER_STRING = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:::=|[}),;|]|\Z|(?:STATUS|DESCRIPTION|REFERENCE|INDEX|AUGMENTS|DEFVAL|SYNTAX|ORGANIZATION"
    r"|CONTACT-INFO|LAST-UPDATED|REVISION|(?:MAX-|MIN-|PIB-)?ACCESS|UNITS|MODULE|GROUP|OBJECTS?|NOTIFICATIONS|VARIATION"
    r"|SUPPORTS|VARIABLES|ENTERPRISE|DISPLAY-HINT|WRITE-SYNTAX|CREATION-REQUIRES|PRODUCT-RELEASE|END"
    r"|MANDATORY-GROUPS|INCLUDES)\b)"
)
"""What may follow a string; anything else means that the quote is part of the text."""
_NEXT_ASSIGNMENT = re.compile(
    r"::=\s*(?:\{[^{}\"]{1,200}\}|\d{1,10})\s*(?:--[^\n]*\n\s*)*(?:END\b|[A-Za-z][\w-]*\s+"
    r"(?:OBJECT-TYPE|OBJECT-IDENTITY|OBJECT\s+IDENTIFIER|NOTIFICATION-TYPE|TRAP-TYPE|OBJECT-GROUP"
    r"|NOTIFICATION-GROUP|MODULE-COMPLIANCE)\b)"
)
"""The end of one assignment and the beginning of the next: a string that contains it was not closed."""


@dataclass(frozen=True, slots=True)
class CleanText:
    """The text of a file without prose.

    Attributes:
        text: With `"N"` in place of the string of number N.
        comments: Position in `text` and content of each comment, in order.
    """

    text: str
    strings: tuple[str, ...]
    comments: tuple[tuple[int, str], ...]

    def string(self, quoted: str) -> str:
        """Return the string for which `"N"` stands, on one line; empty when there is none."""
        number = quoted.strip('"')
        if not number.isdecimal() or int(number) >= len(self.strings):
            return ""
        return " ".join(self.strings[int(number)].split())

    def comments_within(self, start: int, value: int, end: int) -> list[str]:
        """Return the comments between two positions; behind `value` only annotations, that begin with `#`."""
        first = bisect_left(self.comments, (start, ""))
        last = bisect_left(self.comments, (end, ""))
        return [
            text
            for position, text in self.comments[first:last]
            if position < value or text.lstrip().startswith("#")
        ]


def decode(content: bytes) -> str:
    """Return the text of a file, with lines that end in a line feed.

    UTF-16 with a mark, UTF-8, else Windows-1252; bytes that have no character there become U+FFFD.
    """
    start = content[:3].decode("latin-1")
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def clean(text: str) -> CleanText:
    """Remove comments and strings from a text; the rest is kept, in ASCII."""
    parts: list[str] = []
    strings: list[str] = []
    comments: list[tuple[int, str]] = []
    position = length = 0
    while found := _SPECIAL.search(text, position):
        part = _plain(text[position : found.start()])
        parts.append(part)
        length += len(part)
        if found[0] == "--":
            end = _line_end(text, found.end())
            comments.append((length, text[found.end() : end]))
            position = end
            continue
        end, position = _string_end(text, found.end())
        placeholder = f'"{len(strings)}"'
        strings.append(text[found.end() : end])
        parts.append(placeholder)
        length += len(placeholder)
    parts.append(_plain(text[position:]))
    return CleanText("".join(parts), tuple(strings), tuple(comments))


def _plain(text: str) -> str:
    return text if text.isascii() and "\x00" not in text else _ODD.sub(" ", text)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _string_end(text: str, start: int) -> tuple[int, int]:
    """Return the end of a string and the position at which the text continues.

    A quote inside the text of a description is skipped; an unclosed string ends before the `::=` of
    its assignment.
    """
    first = text.find('"', start)
    if first < 0:
        first = len(text)
    if (cut := _cut(text, start, first)) is not None:
        return cut, cut
    end = first
    for _ in range(MOST_INNER_QUOTES):
        if end >= len(text) or _AFTER_STRING.match(text, end + 1):
            return end, min(end + 1, len(text))
        end = text.find('"', end + 1)
        if end < 0 or end - start > LONGEST_STRING or "::=" in text[first:end]:
            break
    return first, min(first + 1, len(text))


def _cut(text: str, start: int, end: int) -> int | None:
    position = text.find("::=", start, end)
    if position < 0:
        return None
    found = _NEXT_ASSIGNMENT.search(text, position, end)
    return found.start() if found else None
