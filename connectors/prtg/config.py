"""Configuration of a PRTG server."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from connectors.prtg.state import SensorState
from opsconductor.connector.settings.duration import PositiveDuration, parse_duration
from opsconductor.model.enums import Category, Severity

IGNORE: Literal["ignore"] = "ignore"
Level = Literal[Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.WARNING, Severity.INFO, "ignore"]
Problem = Literal[
    SensorState.DOWN,
    SensorState.DOWN_PARTIAL,
    SensorState.DOWN_ACKNOWLEDGED,
    SensorState.WARNING,
    SensorState.UNUSUAL,
    SensorState.UNKNOWN,
    SensorState.PAUSED,
]

SEVERITIES: dict[Problem, Level] = {
    SensorState.DOWN: Severity.CRITICAL,
    SensorState.DOWN_PARTIAL: Severity.MAJOR,
    SensorState.DOWN_ACKNOWLEDGED: Severity.CRITICAL,
    SensorState.WARNING: Severity.WARNING,
    SensorState.UNUSUAL: Severity.WARNING,
    SensorState.UNKNOWN: Severity.WARNING,
    SensorState.PAUSED: IGNORE,
}
"""Default severity of each state."""


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


Tag = Annotated[str, BeforeValidator(_folded), Field(min_length=1)]
"""A tag in PRTG; case-insensitive, as in PRTG."""


class PrtgSection(BaseModel):
    """A frozen part of the configuration that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Override(PrtgSection):
    """Another severity for some sensors; an empty list does not restrict."""

    severity: Level
    """`critical`, `major`, `minor`, `warning`, `info`, or `ignore` for no alert."""

    tags: tuple[Tag, ...] = ()
    """Sensors with one of these tags, their own or inherited."""

    priorities: tuple[Annotated[int, Field(ge=1, le=5)], ...] = ()
    """Sensors with one of these priorities, 1 to 5 stars."""

    states: tuple[Problem, ...] = ()
    """Only in one of these states."""


class PrtgConfig(PrtgSection):
    """Address and credentials of PRTG, and the severities of its states."""

    url: HttpUrl
    """Address of the web interface as in a browser; with its path if it is behind a proxy."""

    api_token: SecretStr | None = Field(default=None, min_length=1)
    """API key (PRTG 22.4 or later), by reference; or `username` and `passhash`."""

    username: str | None = Field(default=None, min_length=1)
    """User name, together with `passhash`."""

    passhash: SecretStr | None = Field(default=None, min_length=1)
    """The user's passhash, by reference. It changes with the password."""

    api: Literal["v1", "v2"] = "v1"
    """`v1` (default) is supported by every PRTG. `v2` reads sensors through API v2, which Paessler calls
    experimental, must be enabled in PRTG and needs `api_token`.
    """

    api_v2_url: HttpUrl | None = None
    """Address of API v2, if not under `url`: it may have a port of its own. Without `/api/v2`."""

    verify_ssl: bool = True
    """False accepts any certificate: an attacker on the path can read the key. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): those of the system."""

    poll_interval: PositiveDuration = parse_duration("60s")
    """Poll interval. 60s: the default interval of PRTG's sensors."""

    timeout: PositiveDuration = parse_duration("30s")
    """Time limit of one answer. 30s: a large PRTG under load takes ten."""

    page_size: int = Field(default=500, ge=1, le=3_000)
    """Sensors in one answer. 500: PRTG's own default."""

    unreachable_after: int = Field(default=2, ge=1, le=100)
    """Consecutive failed polls after which the server itself becomes an alert. 2: one lost answer does not
    count.
    """

    webhook_secret: SecretStr | None = Field(default=None, min_length=12)
    """Value required in notifications as form field or URL parameter `secret`, at least 12 characters. Null
    (default): notifications are refused.
    """

    acknowledge_back: bool = False
    """True: acknowledgements made here are sent to PRTG; the user needs the right to acknowledge. The other
    direction always works.
    """

    severities: dict[Problem, Level] = {}
    """Severity of a state, where it differs from the default: `down` critical, `down_partial` major,
    `down_acknowledged` critical, `warning`, `unusual` and `unknown` warning, `paused` ignore.
    """

    overrides: tuple[Override, ...] = ()
    """Other severities by tag, priority and state; the first match applies."""

    categories: dict[Tag, Category] = {}
    """Category by tag, where the type and the usual tags of a sensor give none, or a wrong one."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.username is None) != (self.passhash is None):
            raise ValueError("username and passhash are required together")
        if (self.api_token is None) == (self.username is None):
            raise ValueError("give either api_token, or username and passhash")
        if self.api == "v2" and self.api_token is None:
            raise ValueError("api: v2 requires api_token")
        for url in (self.url, self.api_v2_url):
            if url is not None and (url.username or url.password or url.query or url.fragment):
                raise ValueError(
                    "url and api_v2_url must not contain credentials: they have keys of their own"
                )
        return self

    def severity_of(self, state: SensorState) -> Level | None:
        """Return the severity of a state without overrides; None: it is not a problem."""
        return {**SEVERITIES, **self.severities}.get(state)  # type: ignore[call-overload, no-any-return]

    @property
    def wants_paused(self) -> bool:
        """True when a paused sensor may be an alert."""
        usual = self.severity_of(SensorState.PAUSED)
        return usual != IGNORE or any(
            each.severity != IGNORE and (not each.states or SensorState.PAUSED in each.states)
            for each in self.overrides
        )

    @property
    def base(self) -> str:
        """The address without a trailing slash."""
        return str(self.url).rstrip("/")

    @property
    def place(self) -> str:
        """Scheme, host and port, for messages."""
        return f"{self.url.scheme}://{self.url.host}:{self.url.port}"
