"""SQL of the store: named blocks in `.sql` files, in folders named like those of the modules that use them.

A block starts with `-- name: list_open` and a comment line that describes it; it ends where the next
one starts.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

HEADER = re.compile(r"^-- name: *(.*)$", re.MULTILINE)
NAME = re.compile(r"[a-z][a-z0-9_]*")


def load(file: str) -> Mapping[str, str]:
    """Load the named blocks of `<file>.sql`, with its folder: `alerts/overview`.

    Returns:
        SQL by block name, comments included: they show up in the server's own statistics.

    Raises:
        ValueError: A block name is duplicate or invalid, or the comment line is missing; the message names
            it.
    """
    text = (Path(__file__).parent / f"{file}.sql").read_text(encoding="utf-8")
    return parse(text, file=f"{file}.sql")


def parse(text: str, *, file: str) -> Mapping[str, str]:
    """Split the text of one file into its named blocks; see `load`."""
    before, *parts = HEADER.split(text)
    if any(line and not line.startswith("--") for line in map(str.strip, before.splitlines())):
        raise ValueError(f"{file}: SQL before the first '-- name:' line")
    blocks: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        _check(name.strip(), body.strip(), blocks, file=file)
        blocks[name.strip()] = body.strip()
    return MappingProxyType(blocks)


def _check(name: str, body: str, known: Mapping[str, str], *, file: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"{file}: block name {name!r}, expected lower-case letters, digits, underscores")
    if name in known:
        raise ValueError(f"{file}: block {name!r} is defined twice")
    if not body.startswith("--"):
        raise ValueError(f"{file}: block {name!r} lacks the comment line that describes it")
    if all(line.startswith("--") for line in body.splitlines()):
        raise ValueError(f"{file}: block {name!r} holds no SQL")
