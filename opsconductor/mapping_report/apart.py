"""Why a clear and an open problem of the same device and type do not match."""

from opsconductor.mib.expression import MISSING


def why_apart(cleared: str, problem: str) -> str:
    """Return the likely fault of the resource expressions; empty: the two are about different things.

    Args:
        cleared: Resource that the clear named.
        problem: Resource of the open problem.
    """
    if MISSING in cleared:
        return "the clear lacks a variable of the resource expression: its resource has a '?'"
    if MISSING in problem:
        return "the problem lacks a variable of the resource expression: its resource has a '?'"
    ending, open_ = cleared or "the device", problem or "the device"
    if ending == open_:
        return ""
    if _labels(cleared) != _labels(problem):
        return f"the clear names {ending}, the open problem {open_}: their resource expressions differ"
    if _plain(cleared) == _plain(problem):
        return f"the clear writes {ending}, the open problem {open_}"
    is_part = _is_part(cleared, problem) or _is_part(problem, cleared)
    both = f"the clear names {ending}, the open problem {open_}: one has more parts of the index"
    return both if is_part else ""


def _labels(resource: str) -> list[str]:
    """Return what stands before the values of a resource."""
    return [word.partition("=")[0] for word in resource.split() if "=" in word] or [str(bool(resource))]


def _plain(resource: str) -> str:
    return "".join(char for char in resource.casefold() if char.isalnum() or char in "=.")


def _is_part(short: str, whole: str) -> bool:
    return whole.startswith((f"{short}.", f"{short}/", f"{short}:"))
