"""Paths of endpoints as aiohttp matches them."""

import re
from collections.abc import Iterable

PARAMETER = re.compile(r"\{[a-z]+\}")
LAST_PARAMETER = re.compile(r"(?P<before>.*/)\{(?P<name>[a-z]+)\}")


def refuse_doubles(endpoints: Iterable[tuple[str, str]]) -> None:
    """Check that no two endpoints answer the same method and path, whatever their parameters are called.

    Args:
        endpoints: Method and path of each.

    Raises:
        ValueError: Two do; the second would never be called.
    """
    known: dict[tuple[str, str], str] = {}
    for method, path in endpoints:
        same = (method, PARAMETER.sub("{}", path))
        if same in known:
            raise ValueError(f"{method} {path} is declared twice: {known[same]} answers the same requests")
        known[same] = path


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
