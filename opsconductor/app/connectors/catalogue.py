"""The installed connector types with what is needed to configure one."""

import inspect
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.app.connectors.types import installed_types
from opsconductor.connector.config_schema import config_schema
from opsconductor.connector.connector_type import ChannelType, ConnectorType
from opsconductor.connector.interface import Role
from opsconductor.connector.known_type import KnownType

OURS: Mapping[Role, Collection[str]] = {
    Role.SOURCE: SOURCES,
    Role.CHANNEL: CHANNELS,
    Role.INVENTORY: INVENTORIES,
}
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
LONGEST_SUMMARY = 500


def known_types() -> Sequence[KnownType]:
    """Return all types by name, without the facts that need their import: to import all takes seconds."""
    installed = installed_types()
    return [_listed(name) for name in sorted({*installed.known, *installed.broken})]


def known_type(name: str) -> KnownType | None:
    """Return a type, or None; blocks while it is imported for the first time."""
    installed = installed_types()
    return _known(name) if name in installed.known or name in installed.broken else None


def _listed(name: str) -> KnownType:
    role = next((role for role, ours in OURS.items() if name in ours), None)
    if role is None:  # of another package, and imported already
        return replace(_known(name), schema={}, sample="")
    spec = find_spec(f"connectors.{name}")
    folder = None if spec is None or spec.origin is None else Path(spec.origin).parent
    return KnownType(
        name=name, role=str(role), summary="" if folder is None else _summary(folder / "README.md")
    )


def _known(name: str) -> KnownType:
    installed = installed_types()
    if reason := installed.broken.get(name):
        return KnownType(name=name, error=reason)
    found = installed.known[name]
    folder = _folder_of(found)
    return KnownType(
        name=name,
        role=str(found.role),
        summary="" if folder is None else _summary(folder / "README.md"),
        sample="" if folder is None else _text(folder / "sample.yaml"),
        is_third_party=found.is_third_party,
        recipient_example=found.recipient_example if isinstance(found, ChannelType) else "",
        schema=config_schema(found.config),
    )


def _folder_of(connector_type: ConnectorType) -> Path | None:
    """Return the folder of the package, beside whose configuration README.md and sample.yaml are."""
    try:
        return Path(inspect.getfile(connector_type.config)).parent
    except (TypeError, OSError):
        return None


def _summary(readme: Path) -> str:
    """Return the first paragraph below the title, without links."""
    for paragraph in _text(readme).split("\n\n"):
        if not paragraph.lstrip().startswith(("#", "|", "```", "<")):
            return LINK.sub(r"\1", " ".join(paragraph.split()))[:LONGEST_SUMMARY]
    return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
