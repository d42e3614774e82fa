"""A topic rule: which messages it reads, and the device, value and severity of each."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.mqtt.payload import Form
from connectors.mqtt.template import RuleText
from connectors.mqtt.topic import TopicPattern
from opsconductor.connector.language.expression import Expression
from opsconductor.connector.language.path import Path, read_path
from opsconductor.connector.settings.duration import PositiveDuration
from opsconductor.connector.settings.recorded import Recorded
from opsconductor.connector.settings.shape import Shape
from opsconductor.connector.settings.threshold import Threshold
from opsconductor.model.enums import Category, Severity

SPARKPLUG_NAMES = frozenset({"group", "node", "device", "metric"})
"""Names available in texts of Sparkplug B rules, besides the captures of the topic."""

SCOPE_CHARACTERS = 16

TEXTS = ("device", "resource", "title", "clear_title", "message")


ALERT_TYPE = Shape(
    "^([a-z][a-z0-9]*_[a-z0-9_]+)?$",
    "an alert type such as power_on_battery: <category>_<what> of small letters, digits and _",
)


class RuleSection(BaseModel):
    """A frozen part of the configuration that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TopicRule(RuleSection):
    """Reads one value from the messages of some topics and gives it a severity."""

    topic: str
    """Levels separated by `/`: a text, `+`, `{name}` (one level, usable in the texts below), `{name*}`
    (one to four levels; any number at the end) or `#` at the end."""

    except_topics: tuple[str, ...] = ()
    """Patterns like `topic`: topics to exclude from this rule. Empty (default): none."""

    payload: Form = "auto"
    """Format of the payload: `auto` (default: JSON, else text), `text`, `number`,
    `json` or `sparkplug` (Sparkplug B).
    """

    path: str | None = None
    """JSONPath of the value in a JSON payload, such as `$.battery`; a payload without it is
    ignored. Null (default): the payload itself.
    """

    expression: str | None = None
    """Instead of `path`, an expression over `payload`, the captures and `topic`, such as
    `payload.temperature * 1.8 + 32`. Null (default): none."""

    metric: str | None = None
    """For Sparkplug B: name of the metric, `*` for any characters. Null (default): births and deaths."""

    device: str = "{device}"
    """Name or address of the device. Texts may contain `{name}` of the topic, `{value}`, `{payload.name}` of
    a JSON payload. Default `{device}`; without it in the topic, the broker's host.
    """

    resource: str = ""
    """Affected part of the device. Empty (default): the device itself."""

    alert_type: Annotated[str, ALERT_TYPE] = Field(default="", max_length=100)
    """`<category>_<what>`, the same for the problem and its end. Required unless the rule only records."""

    category: Category | None = None
    """Null (default): the first word of `alert_type`."""

    title: str = ""
    """Title; required unless the rule only monitors silence."""

    clear_title: str = ""
    """Title of the clear. Empty (default): `title`."""

    message: str = ""
    """Description. Empty (default): none."""

    severity: Severity | None = None
    """Severity of every message; for Sparkplug B: of every death. Or `values`, or `thresholds`."""

    values: dict[str, Severity] = {}
    """Severity by value, case-insensitive: `{offline: major, online: clear}`."""

    otherwise: Severity | None = None
    """Severity of a value that is not in `values`. Null (default): it is counted as `unknown_value`."""

    thresholds: tuple[Threshold, ...] = ()
    """Thresholds of a number, each `severity`, `above` or `below`, and `hysteresis`."""

    possible: tuple[float, float] | None = None
    """The least and the greatest plausible number, with `thresholds` or `record`. A number outside raises
    and clears nothing, is not recorded, and is counted as `implausible`. Null (default): every number is
    plausible.
    """

    record: Recorded | None = None
    """Series in which the number is recorded, retained messages excepted: they may be old. Null (default):
    none.
    """

    silence: PositiveDuration | None = None
    """Without a message for this time, while we are connected, it is an alert `<category>_silent` until
    the next message. A topic with captures is known after its first message. Null (default): never.
    """

    silence_severity: Severity = Severity.WARNING
    """Severity of silence."""

    is_cutting: bool = False
    """True: the fault cuts what depends on the device."""

    expires_after: PositiveDuration | None = None
    """Time without a repeat after which the alert expires, if nothing clears it. Null (default): never."""

    @field_validator("values")
    @classmethod
    def _in_lower_case(cls, values: dict[str, Severity]) -> dict[str, Severity]:
        return {word.strip().lower(): severity for word, severity in values.items()}

    @field_validator("silence_severity", "severity")
    @classmethod
    def _is_a_problem(cls, severity: Severity | None) -> Severity | None:
        if severity is Severity.CLEAR:
            raise ValueError("must be a severity of a problem, not clear")
        return severity

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        ways = [self.severity is not None, bool(self.values), bool(self.thresholds)]
        if sum(ways) != 1 and not (sum(ways) == 0 and (self.silence or self.record)):
            raise ValueError("give one of severity, values and thresholds, or only silence or record")
        if not self.alert_type and (any(ways) or self.silence):
            raise ValueError("alert_type is required")
        if self.path is not None and self.expression is not None:
            raise ValueError("give either path or expression, not both")
        if self.metric is not None and self.payload != "sparkplug":
            raise ValueError("metric requires payload: sparkplug")
        has_number = self.thresholds or self.record
        if self.possible and (not has_number or self.possible[0] > self.possible[1]):
            raise ValueError("possible requires thresholds or record: [least, greatest]")
        if self.record and self.is_of_births:
            raise ValueError("record requires metric: births have no number")
        if any(ways) and not self.title:
            raise ValueError("title is required")
        if self.is_of_births and self.severity is None:
            raise ValueError("Sparkplug B without metric requires severity, that of a node's death")
        if self.is_of_births and self.silence:
            raise ValueError("silence requires metric: births are sent only once")
        return self

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        names = self.pattern.names | {"value", "topic", "payload"}
        if self.payload == "sparkplug":
            names |= SPARKPLUG_NAMES
        for key, text in self.texts.items():
            unknown = sorted(text.names - names)
            if unknown and not (key == "device" and self.device == "{device}"):
                known = ", ".join(sorted(names))
                raise ValueError(f"{key} names {{{unknown[0]}}}, which is none of {known}")
        if self.silence and (self.texts["device"].needs_payload or self.texts["resource"].needs_payload):
            raise ValueError("with silence, device and resource must not depend on the payload")
        _ = (
            self.exceptions,
            self.value_path,
            self.evaluate,
            self.category_or_default,
        )  # raise what is wrong with them
        return self

    @property
    def is_of_births(self) -> bool:
        """True for a rule about births and deaths."""
        return self.payload == "sparkplug" and self.metric is None

    @cached_property
    def pattern(self) -> TopicPattern:
        """The topic, compiled."""
        return TopicPattern(self.topic)

    @cached_property
    def exceptions(self) -> tuple[TopicPattern, ...]:
        """The excluded topics, compiled."""
        return tuple(TopicPattern(text) for text in self.except_topics)

    def match(self, topic: str) -> Mapping[str, str] | None:
        """Return what a topic captures; None: the rule does not match it."""
        if any(pattern.match(topic) is not None for pattern in self.exceptions):
            return None
        return self.pattern.match(topic)

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Scopes of the rule's reports: another topic, type, device or resource is another rule."""
        types = [self.alert_type] if self.severity or self.values or self.thresholds else []
        return frozenset(map(self.scope_of, [*types, self.silent_type] if self.silence else types))

    def scope_of(self, alert_type: str) -> str:
        """Return the scope of an open alert of this rule."""
        identity = f"{self.topic}\0{alert_type}\0{self.device}\0{self.resource}"
        return sha256(identity.encode(errors="replace")).hexdigest()[:SCOPE_CHARACTERS]

    @property
    def silent_type(self) -> str:
        """Alert type of silence."""
        return f"{self.category_or_default}_silent"

    @cached_property
    def texts(self) -> Mapping[str, RuleText]:
        """The texts, compiled."""
        return {key: RuleText(getattr(self, key)) for key in TEXTS}

    @cached_property
    def value_path(self) -> Path | None:
        """The path of the value."""
        return None if self.path is None else read_path(self.path)

    @cached_property
    def evaluate(self) -> Expression | None:
        """The expression, compiled."""
        return None if self.expression is None else Expression(self.expression)

    @cached_property
    def category_or_default(self) -> Category:
        """The category, configured or from the alert type."""
        if self.category is not None:
            return self.category
        if not self.alert_type:
            return Category.UNKNOWN
        word = self.alert_type.partition("_")[0]
        if word not in set(Category):
            raise ValueError(f"category is required: {word} of alert_type is none of {', '.join(Category)}")
        return Category(word)
