"""Paths of endpoints as aiohttp matches them."""

import re
from collections.abc import Iterable

LAST_PARAMETER = re.compile(r"(?P<before>.*/)\{(?P<name>[a-z]+)\}")


def route_path(path: str, every: Iterable[str]) -> str:
    """Return a path whose last parameter does not match the fixed names beside it.

    Otherwise `GET /things/bulk` would be answered for a thing of that name where only POST is declared.

    Args:
        every: Paths of all endpoints.
    """
    match = LAST_PARAMETER.fullmatch(path)
    if match is None:
        return path
    before = match["before"]
    beside = {other.removeprefix(before) for other in every if other.startswith(before)}
    fixed = sorted(re.escape(name) for name in beside if name and not set("/{") & set(name))
    if not fixed:
        return path
    return f"{before}{{{match['name']}:(?!(?:{'|'.join(fixed)})$)[^{{}}/]+}}"
