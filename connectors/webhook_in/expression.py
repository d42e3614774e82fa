"""Values of a document: by JSONPath, by a template, or as a fixed text.

Expressions are written by administrators; the documents they are applied to are untrusted.
"""

from collections.abc import Callable

from opsconductor.connector.language.path import FAULTS, Search, read_search
from opsconductor.connector.language.template import Template
from opsconductor.errors import NormalizeError

Read = Callable[[object, object], object]
"""Returns a value from an alert's own document and the whole one; raises NormalizeError `expression`."""

NAMES = frozenset({"item", "document"})
"""Names available in templates: the alert's own document, and the whole one."""

Find = Callable[[object], list[object]]
"""Returns the alerts of a document; raises NormalizeError `expression`."""


def compile_expression(text: str) -> Read:
    """Compile an expression that has passed `check_expression`."""
    if text.startswith("$"):
        return _by_path(text)
    if set("{}") & set(text):
        return _by_template(text)
    return lambda _item, _document: text


def compile_items(text: str) -> Find:
    """Compile the JSONPath to the alerts of a document; a list that it finds counts as its entries."""
    search = read_search(text)

    def find(document: object) -> list[object]:
        found = _found(search, text, document)
        if len(found) == 1 and isinstance(found[0], list):
            return found[0]
        return found

    return find


def check_expression(text: str) -> str:
    """Validate an expression: refuse one that cannot be compiled."""
    compile_expression(text)
    return text


def check_path(text: str) -> str:
    """Validate a JSONPath: refuse one that cannot be compiled."""
    compile_items(text)
    return text


def _by_path(text: str) -> Read:
    search = read_search(text)

    def read(item: object, _document: object) -> object:
        found = _found(search, text, item)
        return found[0] if found else None

    return read


def _by_template(text: str) -> Read:
    template = Template(text)
    unknown = sorted(template.names - NAMES)
    if unknown:
        raise ValueError(f"{text} names {unknown[0]}, which is none of {', '.join(sorted(NAMES))}")
    return lambda item, document: template({"item": item, "document": document})


def _found(search: Search, text: str, document: object) -> list[object]:
    try:
        return search(document)
    except FAULTS as error:
        raise NormalizeError("expression", f"{text}: {error}") from error
