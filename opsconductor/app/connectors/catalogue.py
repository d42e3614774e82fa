"""The installed connector types with what is needed to configure one."""

import inspect
import re
from collections.abc import Sequence
from pathlib import Path

from opsconductor.app.connectors.types import installed_types
from opsconductor.connector.config_schema import config_schema
from opsconductor.connector.connector_type import ChannelType, ConnectorType
from opsconductor.connector.known_type import KnownType

LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
LONGEST_SUMMARY = 500


def known_types(name: str | None = None) -> Sequence[KnownType]:
    """Return all types by name, or one; blocks while they are imported for the first time."""
    installed = installed_types()
    names = sorted({*installed.known, *installed.broken})
    return [_known(each) for each in names if name in (None, each)]


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
