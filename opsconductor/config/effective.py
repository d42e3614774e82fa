"""The settings in force, each with its origin; secrets are masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel, SecretStr
from pydantic_core import to_jsonable_python

from opsconductor.config.provision.document import Document
from opsconductor.config.provision.yaml_reading import KeyPath
from opsconductor.config.settings import Settings
from opsconductor.connector.config_schema import field_docstrings
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.connector.settings.duration import format_duration

MASKED = "(secret, not shown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingOrigins:
    """Where settings were read from.

    Attributes:
        file: Settings file; `defaults`: none was found.
        lines: Line of every key in it.
        variables: Environment variable of every key that the environment sets.
    """

    file: str = "defaults"
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    variables: Mapping[KeyPath, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSetting:
    """One setting in force.

    Attributes:
        key: Path with dots, as `api.listen`.
        value: JSON-ready; durations as they are written in the file; a secret is masked.
        default: Likewise.
        origin: `default`, `file` or `environment`.
        place: File and line, or name of the variable; empty: the default.
        about: Its meaning, unit and default, in words.
    """

    key: str
    value: object
    default: object
    origin: str
    place: str
    about: str


def origins_of(document: Document) -> SettingOrigins:
    """Return the origins of a document, without its values."""
    return SettingOrigins(file=document.file, lines=document.lines, variables=document.variables)


def effective_settings(settings: Settings, origins: SettingOrigins) -> list[EffectiveSetting]:
    """Return all settings in their order in the file."""
    return list(_settings_in(settings, type(settings)(), (), origins))


def _settings_in(
    section: BaseModel, defaults: object, path: KeyPath, origins: SettingOrigins
) -> Iterator[EffectiveSetting]:
    """Yield the settings of a section; one that is absent by default has no default values."""
    about = field_docstrings(type(section))
    for name in type(section).model_fields:
        value, default = getattr(section, name), getattr(defaults, name, None)
        here = (*path, name)
        if isinstance(value, BaseModel):
            yield from _settings_in(value, default, here, origins)
            continue
        origin, place = _origin_of(here, origins)
        yield EffectiveSetting(
            key=".".join(map(str, here)),
            value=_shown(value),
            default=_shown(default),
            origin=origin,
            place=place,
            about=about.get(name, ""),
        )


def _origin_of(path: KeyPath, origins: SettingOrigins) -> tuple[str, str]:
    if variable := origins.variables.get(path):
        return "environment", variable
    if line := origins.lines.get(path):
        return "file", f"{origins.file}:{line}"
    return "default", ""


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return MASKED
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, ListenAddress):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    return to_jsonable_python(value, fallback=str)
