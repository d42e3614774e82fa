"""Locations of the files that ship with OpsConductor beside its Python code."""

from pathlib import Path
from typing import Literal

INSTALLED = Path(__file__).parent / "_shipped"
CHECKOUT = Path(__file__).parents[1]


def shipped(name: Literal["docs", "etc", "mibs", "migrations", "systemd"]) -> Path:
    """Return a shipped folder: inside the installed package, or at the root of a checkout."""
    installed = INSTALLED / name
    return installed if installed.is_dir() else CHECKOUT / name
