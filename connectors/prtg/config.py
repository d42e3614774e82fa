"""Configuration of a PRTG server."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from connectors.prtg.state import SensorState
from opsconductor.connector.duration import PositiveDuration, parse_duration
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
"""How bad a state is unless something else is configured."""


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


Tag = Annotated[str, BeforeValidator(_folded), Field(min_length=1)]
"""A tag in PRTG; large and small letters are the same there."""


class PrtgSection(BaseModel):
    """A part of the configuration: it never changes and refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Override(PrtgSection):
    """Another severity for some sensors; a list that is empty does not restrict."""

    severity: Level
    """`critical`, `major`, `minor`, `warning`, `info`, or `ignore` for no alert at all."""

    tags: tuple[Tag, ...] = ()
    """Sensors that have one of these tags, by themselves or inherited."""

    priorities: tuple[Annotated[int, Field(ge=1, le=5)], ...] = ()
    """Sensors with one of these priorities, 1 to 5 stars."""

    states: tuple[Problem, ...] = ()
    """Only in one of these states."""


class PrtgConfig(PrtgSection):
    """Where PRTG is, how we log in, and what its states mean."""

    url: HttpUrl
    """Address of the web interface, as people type it; with its path if it is behind a proxy."""

    api_token: SecretStr | None = Field(default=None, min_length=1)
    """API key (PRTG 22.4 or later), by reference; or `username` and `passhash`."""

    username: str | None = Field(default=None, min_length=1)
    """User name, together with `passhash`."""

    passhash: SecretStr | None = Field(default=None, min_length=1)
    """The user's passhash, by reference. It changes with the password."""

    api: Literal["v1", "v2"] = "v1"
    """`v1` (default) is what every PRTG has. `v2` reads sensors through API v2, which its maker calls
    experimental, must be switched on in PRTG and needs `api_token`."""

    api_v2_url: HttpUrl | None = None
    """Where API v2 is, if not under `url`: it may have a port of its own. Without `/api/v2`."""

    verify_ssl: bool = True
    """False takes any certificate: whoever sits on the way can read the key. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of the authorities to trust, for a private one. Null (default): those of the system."""

    poll_interval: PositiveDuration = parse_duration("60s")
    """How often PRTG is asked. 60s: as often as its sensors look, by default."""

    timeout: PositiveDuration = parse_duration("30s")
    """How long one answer may take. 30s: a large PRTG under load takes ten."""

    page_size: int = Field(default=500, ge=1, le=3_000)
    """Sensors in one answer. 500: PRTG's own default."""

    unreachable_after: int = Field(default=2, ge=1, le=100)
    """After so many polls in a row that failed the server itself becomes an alert. 2: one lost answer is
    nothing."""

    webhook_secret: SecretStr | None = Field(default=None, min_length=12)
    """What notifications must show as form field or URL parameter `secret`, at least 12 characters. Null
    (default): no notifications are taken."""

    acknowledge_back: bool = False
    """True: who acknowledges here acknowledges in PRTG; the user needs the right to do so there. The other
    way round works in any case."""

    severities: dict[Problem, Level] = {}
    """How bad a state is, where it is not as usual: `down` critical, `down_partial` major,
    `down_acknowledged` critical, `warning`, `unusual` and `unknown` warning, `paused` ignore."""

    overrides: tuple[Override, ...] = ()
    """Other severities by tag, priority and state; the first that fits counts."""

    categories: dict[Tag, Category] = {}
    """Category by tag, where the type of a sensor and its usual tags do not tell it, or tell it wrong."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.username is None) != (self.passhash is None):
            raise ValueError("username and passhash belong together")
        if (self.api_token is None) == (self.username is None):
            raise ValueError("either api_token, or username and passhash")
        if self.api == "v2" and self.api_token is None:
            raise ValueError("api v2 needs api_token")
        for url in (self.url, self.api_v2_url):
            if url is not None and (url.username or url.password or url.query or url.fragment):
                raise ValueError("url and api_v2_url are addresses only: credentials have their own keys")
        return self

    def severity_of(self, state: SensorState) -> Level | None:
        """Tell how bad a state is without overrides; None: it is no problem."""
        return {**SEVERITIES, **self.severities}.get(state)  # type: ignore[call-overload, no-any-return]

    @property
    def wants_paused(self) -> bool:
        """True when some sensor that is paused may be an alert."""
        usual = self.severity_of(SensorState.PAUSED)
        return usual != IGNORE or any(
            each.severity != IGNORE and (not each.states or SensorState.PAUSED in each.states)
            for each in self.overrides
        )

    @property
    def base(self) -> str:
        """The address without a slash at its end."""
        return str(self.url).rstrip("/")

    @property
    def place(self) -> str:
        """Scheme, host and port, for messages."""
        return f"{self.url.scheme}://{self.url.host}:{self.url.port}"
