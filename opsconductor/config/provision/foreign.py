"""Detection of other tools' variable references, which would otherwise be taken literally."""

import re
from collections.abc import Iterator, Mapping

from opsconductor.config.provision.yaml_reading import KeyPath
from opsconductor.connector.secret_fields import Pattern, is_secret

BRACED = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(:?[-?+=][^{}]*)?\}")
"""Docker Compose, Telegraf, shells: `${NAME}`, `${NAME:-default}`."""
BARE = re.compile(r"\$(?P<name>[A-Z_]{3,})")
"""Ansible lookups, shells: `$NAME`; capital letters only, so that hardly any password matches."""


def foreign_name(text: str, *, is_secret: bool) -> str:
    """Return the name of the variable that a text refers to in another tool's syntax; empty: none.

    In a secret a reference may be part of the text; elsewhere it counts only as the whole text, since `${}`
    has a meaning of its own in templates.
    """
    if text.startswith("$$"):
        return ""
    match = BRACED.fullmatch(text)
    if match is None and is_secret:
        match = re.search(rf"(?<!\$){BRACED.pattern}", text) or BARE.fullmatch(text)
    return "" if match is None else match["name"]


def foreign_references(
    value: object, secrets: tuple[Pattern, ...], at: KeyPath = ()
) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield the path of each such reference, what was found there, and what is expected."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from foreign_references(entry, secrets, (*at, key))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from foreign_references(entry, secrets, (*at, index))
    elif isinstance(value, str) and (name := foreign_name(value, is_secret=is_secret(at, secrets))):
        expected = (
            f"${{env:{name}}}, with env: before the name "
            "(a text that really begins with $ is written with $$ there)"
        )
        yield at, f"the variable {name} in the syntax of another tool", expected
