"""Prose of notifications: the description, and the annotations that vendors write as comments.

`--#SEVERITY MAJOR` is the form of HP OpenView and Compaq (PowerNet, CPQ*, OMSA and others). A line `--#`
without a key continues the one before.
"""

import re

from opsconductor.mib.compiler.cleaning import CleanText
from opsconductor.mib.compiler.splitting import Definition
from opsconductor.mib.facts import NotificationText

LONGEST_DESCRIPTION = 4000
LONGEST_ANNOTATION = 1000
MOST_ANNOTATIONS = 40

COMMENT = "COMMENT"

_KEYED = re.compile(r"\s*#+\s*([A-Za-z][\w-]*)\s*[:=]?\s*(.*)", re.DOTALL)
_CONTINUED = re.compile(r"\s*#+\s*(\".*)", re.DOTALL)
_VALUE = re.compile(r"::=")


def text_of(source: CleanText, assignment: Definition, description: str) -> NotificationText:
    """Return the prose of a notification.

    Args:
        description: As in the cleaned text: the number of a string.
    """
    return NotificationText(
        description=source.string(description)[:LONGEST_DESCRIPTION],
        annotations=_annotations(source.comments_within(*_span(assignment))),
    )


def _span(assignment: Definition) -> tuple[int, int, int]:
    """Return the start of an assignment, the start of its value, and its end."""
    value = assignment.text.rfind("::=")
    end = assignment.start + len(assignment.text)
    return assignment.start, end if value < 0 else assignment.start + value, end


def _annotations(comments: list[str]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for comment in comments:
        if match := _CONTINUED.fullmatch(comment):
            if found:
                key, value = found[-1]
                found[-1] = key, f"{value} {_plain(match[1])}".strip()[:LONGEST_ANNOTATION]
        elif match := _KEYED.fullmatch(comment):
            found.append((match[1].upper(), _plain(match[2])))
        elif plain := _plain(comment.strip("-*=#")):
            found.append((COMMENT, plain))
    return tuple(found[:MOST_ANNOTATIONS])


def _plain(text: str) -> str:
    folded = " ".join(text.split())
    return folded.strip('"').strip()[:LONGEST_ANNOTATION]
