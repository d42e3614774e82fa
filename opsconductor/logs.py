"""Logging: fixed text, values in fields of a closed set; text for people, JSON for machines.

Use the standard library's loggers and give values as `extra`:

    log = logging.getLogger(__name__)
    log.warning("connector is down", extra={"connector": name, "error": str(error)})
"""

import atexit
import json
import logging
import logging.handlers
import os
import queue
import sys
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from opsconductor.model.masking import known_secrets
from opsconductor.model.text import printable

FIELDS = (
    "action",
    "address",
    "alert_id",
    "amount",
    "attempt",
    "bytes",
    "channel",
    "connector",
    "data_dir",
    "dependencies",
    "device",
    "devices",
    "engine_id",
    "error",
    "expected",
    "file",
    "found",
    "granted",
    "key",
    "line",
    "listen",
    "notification_id",
    "path",
    "reason",
    "recipient",
    "remedy",
    "request_id",
    "requested",
    "revision",
    "rule",
    "seconds",
    "signal",
    "stack",
    "status",
    "table",
    "task",
    "url",
    "user",
    "version",
    "without_address",
)

"""Names of the fields that log records may carry; others are not printed."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is being answered; empty: none is."""

LEVEL_COLOURS = {"DEBUG": "2", "INFO": "36", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}
QUEUE_LENGTH = 10_000
LAST_WORDS_S = 1.0
"""Seconds that the process waits at its end for the reader of the log."""
CHATTY = ("alembic", "aiohttp.access", "apscheduler", "asyncio")
"""Libraries whose messages below WARNING are not logged."""
REPEATING = ("asyncpg.pool", "urllib3.connectionpool")
"""Libraries that warn at every failed attempt; our own code logs an outage once."""


def start(level: str, form: Literal["auto", "text", "json"]) -> logging.handlers.QueueListener:
    """Send all logs to standard error through a thread, so that a full pipe blocks nothing.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        form: `auto` is text on a terminal and JSON otherwise.

    Returns:
        The listener; its `stop()` writes pending records.
    """
    is_terminal = sys.stderr.isatty()
    writer = logging.StreamHandler(Descriptor(sys.stderr.fileno()))
    as_text = form == "text" or (form == "auto" and is_terminal)
    writer.setFormatter(TextFormatter(colour=is_terminal) if as_text else JsonFormatter())
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(QUEUE_LENGTH)
    listener = LogListener(waiting, writer)
    logging.basicConfig(level=level.upper(), handlers=[BoundedQueueHandler(waiting)], force=True)
    logging.captureWarnings(capture=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in REPEATING:
        logging.getLogger(name).setLevel(logging.ERROR)
    listener.start()
    return listener


class Descriptor:
    """A file descriptor as a stream without buffer and lock, so that a blocked thread holds no lock."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, text: str) -> None:
        """Write all of a text, however long that takes."""
        left = text.encode("utf-8", "backslashreplace")
        while left:
            left = left[os.write(self._descriptor, left) :]

    def flush(self) -> None:
        """Do nothing: there is no buffer."""


class LogListener(logging.handlers.QueueListener):
    """The writing thread; its end is awaited for a limited time."""

    def stop(self) -> None:
        """Write pending records, unless the pipe is not read."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        with suppress(queue.Full):
            self.enqueue_sentinel()
        thread.join(LAST_WORDS_S)
        if thread.is_alive():
            # the thread holds its handler's lock forever, which logging would acquire at exit
            atexit.unregister(logging.shutdown)


class BoundedQueueHandler(logging.handlers.QueueHandler):
    """Passes records to the writing thread; while that is blocked, counts the dropped ones."""

    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record, with the id of the request that it belongs to; it stays in this process."""
        if (request := request_id.get()) and "request_id" not in record.__dict__:
            record.request_id = request
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put without waiting."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            BoundedQueueHandler.dropped += 1


class TextFormatter(logging.Formatter):
    """One line of text: local time, level, text, fields as `name=value`."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, followed by a traceback."""
        at = datetime.fromtimestamp(record.created).astimezone()
        level = f"{record.levelname:<7}"
        fields = [f"{name}={_field_text(value)}" for name, value in fields_of(record).items()]
        if self._colour:
            level = f"\x1b[{LEVEL_COLOURS.get(record.levelname, '0')}m{level}\x1b[0m"
            fields = [f"\x1b[2m{field}\x1b[0m" for field in fields]
        text = printable(record.getMessage())
        line = "  ".join([f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} {level} {text}", *fields])
        return known_secrets.hide("\n".join([line, *self._traceback(record)]))

    def _traceback(self, record: logging.LogRecord) -> list[str]:
        """Return the traceback indented, so that no line of it looks like a record."""
        if not record.exc_info:
            return []
        return [f"    {printable(each)}" for each in self.formatException(record.exc_info).split("\n")]


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time in UTC, level, logger, text, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one ASCII line."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": known_secrets.hide(record.getMessage()),
            **{name: _hidden(value) for name, value in fields_of(record).items()},
        }
        if record.exc_info:
            entry["traceback"] = known_secrets.hide(self.formatException(record.exc_info))
        return json.dumps(entry, default=lambda value: known_secrets.hide(str(value)))


def _hidden(value: object) -> object:
    return known_secrets.hide(value) if isinstance(value, str) else value


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """Return the known fields of a record, in the order of `FIELDS`."""
    return {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}


def _field_text(value: object) -> str:
    """Return a value that cannot be confused with the next field: quoted and escaped where needed."""
    text = printable(str(value))
    is_plain = text and not any(char in text for char in ' "=')
    return text if is_plain else '"' + text.replace('"', "'") + '"'
