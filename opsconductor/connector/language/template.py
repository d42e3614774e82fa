"""Texts with expressions in braces: `{device}`, `{item.part}@{document.site}`, `{ifName or index}`."""

import re
from collections.abc import Callable
from typing import Any

from opsconductor.connector.language.expression import LONGEST, MOST_STEPS, Expression, Known
from opsconductor.connector.language.functions import bounded, text_of
from opsconductor.errors import NormalizeError

EXAMPLE = "a text such as {item.host}-{item.port}"
DOWNSTREAM = "device_name"
"""Kept in the text as `{device_name}`: it is filled in once the device is identified."""
_FIELD = re.compile(r"\{([^{}]*)\}")


class Template:
    """A compiled text.

    Attributes:
        names: All variables of its expressions, except `device_name`.
    """

    def __init__(
        self, text: str, *, write: Callable[[Any], str] = text_of, unknown: str | None = None
    ) -> None:
        """Compile a text; raises ValueError with the reason.

        Args:
            text: With an expression in each pair of braces.
            write: Formats a value.
            unknown: Written for what is missing or cannot be calculated. None: a missing value is an empty
                text, and what cannot be calculated is raised as NormalizeError `expression`.
        """
        if len(text) > LONGEST:
            raise ValueError(f"{EXAMPLE}, of at most {LONGEST} characters")
        if "{{" in text or "{%" in text:
            raise ValueError(
                f"{EXAMPLE}; {{{{ item.host }}}} is written {{item.host}}, and there are no statements"
            )
        if set("{}") & set(_FIELD.sub("", text)):
            raise ValueError(f"{EXAMPLE}; an unmatched brace")
        pieces = _FIELD.split(text)
        if len(pieces) > MOST_STEPS:
            raise ValueError(f"{EXAMPLE}; at most {MOST_STEPS} pieces are possible")
        self._write = write
        self._unknown = unknown
        self._start = pieces[0]
        self._fields = [
            (None if field == DOWNSTREAM else Expression(field), after)
            for field, after in zip(pieces[1::2], pieces[2::2], strict=True)
        ]
        self.names = frozenset(name for field, _ in self._fields if field for name in field.names)

    def __call__(self, known: Known) -> str:
        """Return the text with values."""
        if not self._fields:
            return self._start
        text = [self._start]
        for field, after in self._fields:
            text.append(f"{{{DOWNSTREAM}}}" if field is None else self._filled(field, known))
            text.append(after)
        return str(bounded("".join(text).strip()))

    def _filled(self, field: Expression, known: Known) -> str:
        if self._unknown is None:
            return self._write(field(known))
        try:
            value = field(known)
        except NormalizeError:
            return self._unknown
        return self._unknown if value is None else self._write(value)
