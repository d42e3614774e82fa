"""Configuration of inbound webhooks."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.webhook_in.expression import check_expression, check_path
from connectors.webhook_in.secret_words import is_secret
from opsconductor.connector.language.path import read_path
from opsconductor.connector.settings.duration import Duration
from opsconductor.connector.settings.recorded import Recorded
from opsconductor.model.enums import Category, Severity

SHORTEST_SECRET = 16
SIGNATURE_HEADER = "x-hub-signature-256"
GRAFANA_SIGNATURE_HEADER = "x-grafana-alerting-signature"
EXPIRE_AFTER, REPEATERS_EXPIRE_AFTER = timedelta(days=30), timedelta(days=7)
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""RFC 9110 section 5.6.2."""


class FormatName(StrEnum):
    """Format of the body."""

    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"
    ZABBIX = "zabbix"
    PAGERDUTY = "pagerduty"
    CLOUDEVENTS = "cloudevents"
    LIBRENMS = "librenms"
    UPTIMEKUMA = "uptimekuma"
    JSON = "json"


REPEATERS = frozenset(
    {FormatName.ALERTMANAGER, FormatName.GRAFANA, FormatName.LIBRENMS, FormatName.UPTIMEKUMA}
)
"""Formats of senders that repeat an ongoing problem, or can be configured to."""


def _header(name: str) -> str:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError("the name of a header, such as X-Signature")
    return name.lower()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("the name of a time zone, such as Europe/Berlin or UTC") from None
    return name


def _key_path(path: str) -> str:
    names = [step for step in read_path(path) if isinstance(step, str)]
    if hidden := [name for name in names if is_secret(name)]:
        raise ValueError(f"a path without secrets: {hidden[0]} is redacted before it is read")
    return path


HeaderName = Annotated[str, AfterValidator(_header)]
Expression = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(check_expression)]
KeyPath = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_key_path)]
JsonPath = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(check_path)]
Pattern = Annotated[str, Field(min_length=1, max_length=200)]
Secret = Annotated[SecretStr, Field(min_length=SHORTEST_SECRET)]


class WebhookSection(BaseModel):
    """A frozen part of the configuration that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Basic(WebhookSection):
    """HTTP Basic authentication, for senders that support nothing else."""

    username: str = Field(min_length=1, max_length=255)
    """User name of the sender."""

    password: SecretStr = Field(min_length=8)
    """At least 8 characters."""


class ItemMeasure(WebhookSection):
    """A number of an alert that is recorded as a series of its device and resource."""

    record: Recorded
    """Metric, unit and kind of the series."""

    value: Expression
    """Where the number is; an alert without it, or with something else, records nothing."""

    resource: Expression | None = None
    """Measured part of the device. Null (default): `resource` of the alert."""


class ItemMapping(WebhookSection):
    """Where the parts of an alert are in a JSON document.

    Each is a JSONPath that begins with `$` (`$.host.name`), a template with expressions in braces
    (`{item.host}-{document.site}`), or else a fixed text.
    """

    items: JsonPath | None = None
    """JSONPath to the alerts in the document. Null (default): a list is its alerts, an object is one."""

    device: Expression
    """Name or IP address of the device."""

    alert_type: Expression
    """Short name of the problem; without one of our categories as prefix, `category` is prepended."""

    severity: Expression | None = None
    """Word for the severity, such as `critical` or `P2`. Null (default): `default_severity`."""

    resource: Expression = ""
    """Affected part of the device. Empty (default): the device itself."""

    title: Expression | None = None
    """Title. Null (default): the alert type in plain words."""

    message: Expression = ""
    """Description. Empty (default): none."""

    clear: Expression | None = None
    """True, or a word such as `ok`, `resolved` or `up`, when the fault is over. Null (default): by the
    severity, such as `ok`.
    """

    occurred_at: Expression | None = None
    """RFC 3339, or seconds or milliseconds since 1970. Null (default): the time of receipt."""

    source_alert_id: Expression | None = None
    """The sender's own id of the fault, the same in the problem and in its recovery: it pairs them, whatever
    else changes. Null (default): none; then device, type and resource pair them."""

    measures: tuple[ItemMeasure, ...] = ()
    """Numbers to record as series. Empty (default): none."""


class CuttingMatcher(WebhookSection):
    """Faults that cut what depends on their device; all given patterns must match, case-insensitive."""

    name: Pattern | None = None
    """Pattern with `*` and `?` for the sender's name of the problem (`alertname`, rule, class, type), in the
    form of an alert type: `HostDown` and `host down` are `host_down`. Null (default): any.
    """

    title: Pattern | None = None
    """Pattern for the title, such as Zabbix's name of the event. Null (default): any."""

    labels: dict[str, Pattern] = {}
    """Patterns for labels (Alertmanager, Grafana) or tags (Zabbix, Uptime Kuma) by their names."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.name is None and self.title is None and not self.labels:
            raise ValueError("give at least one of name, title and labels")
        return self


class WebhookInConfig(WebhookSection):
    """Format, authentication and interpretation of posts."""

    format: FormatName
    """`alertmanager`, `grafana`, `zabbix`, `pagerduty`, `cloudevents`, `librenms`, `uptimekuma` or `json`."""

    token: Secret | None = None
    """Shared secret of at least 16 characters: `Authorization: Bearer`, `X-Auth-Token`, `?token=`, or
    PagerDuty's `routing_key`. Give exactly one of `token`, `hmac_secret` and `basic`."""

    hmac_secret: Secret | None = None
    """Key, at least 16 characters, with which the sender signs each body (HMAC, hexadecimal)."""

    hmac_header: HeaderName | None = None
    """Header with the signature, with or without the prefix `sha256=`. Null (default):
    `X-Grafana-Alerting-Signature` for `grafana`, else `X-Hub-Signature-256`.
    """

    hmac_algorithm: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    """Hash of the signature. Default `sha256`, the usual one."""

    hmac_timestamp_header: HeaderName | None = None
    """Header with the Unix time in seconds that is signed with the body (`TIME:BODY`), as in Grafana;
    older than 5 minutes is refused. Null (default): only the body is signed, and a recorded
    post can be replayed.
    """

    basic: Basic | None = None
    """User and password, for senders that support nothing else."""

    mapping: ItemMapping | None = None
    """Where the parts of an alert are. Required for `json`, optional for `cloudevents`, where the
    documents are the events (`$.data.host`).
    """

    idempotency_key: KeyPath | None = None
    """JSONPath to one value in the document that is unique to each post and the same when the
    sender retries it (`$.delivery_id`), for senders without the header `Idempotency-Key`: such a post counts
    once. Null (default): only the header, and source and id of CloudEvents.
    """

    device_labels: tuple[str, ...] = ("host", "hostname", "nodename", "node", "instance")
    """Labels of Alertmanager and Grafana that name the device; the first one present applies. The
    default begins with those that name a machine; `instance` is often that of an exporter.
    """

    ignored_labels: frozenset[str] = frozenset()
    """Labels of Alertmanager and Grafana that do not distinguish alerts, such as `replica`. Empty
    (default): all labels do, as in the sender itself.
    """

    category: Category = Category.APPLICATION
    """Category of alerts without one. Default `application`."""

    default_severity: Severity = Severity.WARNING
    """Severity of alerts without one, or with an unknown one. Default `warning`."""

    severities: dict[str, Severity] = {}
    """Additional words for severities, or other meanings of known ones: `{sev0: critical}`."""

    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    """Time zone of times without one (`Europe/Berlin`). Null (default): such times are ignored, and
    the time of receipt applies.
    """

    cutting: tuple[CuttingMatcher, ...] | None = None
    """Faults that cut what depends on their device, if they are major or critical. Null (default): by
    format, names such as `HostDown`, ICMP probes, Zabbix's "Unavailable by ICMP ping"; `[]`: none.
    """

    expire_after: Duration | None = None
    """Time without a repeat after which a problem expires: its sender may be gone, paused or have lost the
    recovery. 0: never. Null (default): 7d for senders that repeat a problem or can be configured to
    (Alertmanager, Grafana, LibreNMS, Uptime Kuma), 30d for those that report it once.
    """

    max_alerts: int = Field(default=10_000, ge=1, le=100_000)
    """Alerts accepted of one post; an alert then reports how many were left out. With `mapping.items` at
    most 1,000, more is refused with 413. 10,000 are as many as fit into a body.
    """

    posts_per_minute: int = Field(default=6000, ge=1, le=1_000_000)
    """Posts accepted per minute, in bursts of a tenth of it; more is answered with 503, after which
    every sender retries. 6,000: twice what 5,000 alerts/s in batches of a hundred need.
    """

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        ways = {"token": self.token, "hmac_secret": self.hmac_secret, "basic": self.basic}
        given = [name for name, value in ways.items() if value is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"give exactly one of token, hmac_secret and basic, found {found}")
        if self.format is FormatName.JSON and self.mapping is None:
            raise ValueError("format json requires a mapping")
        if self.mapping is not None and self.format not in (FormatName.JSON, FormatName.CLOUDEVENTS):
            raise ValueError(f"format {self.format} does not allow a mapping; use json for a custom one")
        if Severity.CLEAR is self.default_severity:
            raise ValueError("default_severity must be a severity of a problem, not clear")
        return self

    @property
    def signature_header(self) -> str:
        """Name of the signature header, in lower case."""
        usual = GRAFANA_SIGNATURE_HEADER if self.format is FormatName.GRAFANA else SIGNATURE_HEADER
        return self.hmac_header or usual

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of times without one."""
        return None if self.timezone is None else ZoneInfo(self.timezone)

    @property
    def expiry(self) -> timedelta | None:
        """Time without a repeat after which a problem expires; None: never."""
        if self.expire_after is None:
            return REPEATERS_EXPIRE_AFTER if self.format in REPEATERS else EXPIRE_AFTER
        return self.expire_after or None

    def words(self) -> Mapping[str, Severity]:
        """Return the configured words for severities in lower case."""
        return {word.strip().lower(): severity for word, severity in self.severities.items()}
