"""A topic rule: which messages it reads, and what a message says about which device."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.mqtt.payload import Form
from connectors.mqtt.template import RuleText
from connectors.mqtt.topic import TopicPattern
from opsconductor.connector.duration import PositiveDuration
from opsconductor.connector.expression import Expression
from opsconductor.connector.path import Path, read_path
from opsconductor.connector.threshold import Threshold
from opsconductor.model.enums import Category, Severity

SPARKPLUG_NAMES = frozenset({"group", "node", "device", "metric"})
"""What can be used in texts of rules whose payload is Sparkplug B, beside what the topic captures."""

SCOPE_CHARACTERS = 16

TEXTS = ("device", "resource", "title", "clear_title", "message")


class RuleSection(BaseModel):
    """A part of the configuration: it never changes and refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class TopicRule(RuleSection):
    """Reads one value from the messages of some topics, and says how bad it is."""

    topic: str
    """Levels separated by `/`: a text, `+`, `{name}` (one level, usable in the texts below), `{name*}`
    (one to four levels; any number at the end) or `#` at the end."""

    except_topics: tuple[str, ...] = ()
    """Patterns like `topic`: what one of them matches is none of this rule's. Empty (default): all is."""

    payload: Form = "auto"
    """How to read the payload: `auto` (default: JSON, and text where it is none), `text`, `number`,
    `json` or `sparkplug` (Sparkplug B)."""

    path: str | None = None
    """JSONPath of the value in a JSON payload, such as `$.battery`; where the payload lacks it the rule says
    nothing. Null (default): the payload itself."""

    expression: str | None = None
    """Instead of `path`, an expression over `payload`, the captures and `topic`, such as
    `payload.temperature * 1.8 + 32`. Null (default): none."""

    metric: str | None = None
    """Of Sparkplug B: name of the metric, `*` for any characters. Null (default): births and deaths."""

    device: str = "{device}"
    """Name or address of the device. Texts may hold `{name}` of the topic, `{value}` and `{payload.name}` of
    a JSON payload. Default `{device}`; a topic without it means the broker's host."""

    resource: str = ""
    """What on the device is affected. Empty (default): the device itself."""

    alert_type: str = Field(pattern=r"^[a-z][a-z0-9]*_[a-z0-9_]+$", max_length=100)
    """`<category>_<what>`, the same for the problem and its end."""

    category: Category | None = None
    """Null (default): the beginning of `alert_type`."""

    title: str = ""
    """One line for people; needed unless the rule is about silence alone."""

    clear_title: str = ""
    """One line for people when it is over. Empty (default): `title`."""

    message: str = ""
    """More for people. Empty (default): nothing."""

    severity: Severity | None = None
    """Every message is a problem this bad; of Sparkplug B: every death is. Or `values`, or `thresholds`."""

    values: dict[str, Severity] = {}
    """How bad each value is, any case: `{offline: major, online: clear}`."""

    otherwise: Severity | None = None
    """How bad a value is that is not in `values`. Null (default): it is counted as `unknown_value`."""

    thresholds: tuple[Threshold, ...] = ()
    """Steps of a number, each `severity`, `above` or `below`, and `hysteresis`."""

    possible: tuple[float, float] | None = None
    """The least and the greatest number that can be, with `thresholds`. A number beyond is not believed: it
    raises and ends nothing, and is counted as `not_believed`. Null (default): every number is believed."""

    silence: PositiveDuration | None = None
    """Without a message for so long, while we are connected, the topic is an alert `<category>_silent`, until
    the next message. A topic with captures is known once it was heard. Null (default): never."""

    silence_severity: Severity = Severity.WARNING
    """How bad silence is."""

    is_cutting: bool = False
    """True: the fault cuts off what depends on the device."""

    expires_after: PositiveDuration | None = None
    """Without a repeat for so long the alert is over, for those that nothing ends. Null (default): never."""

    @field_validator("values")
    @classmethod
    def _in_lower_case(cls, values: dict[str, Severity]) -> dict[str, Severity]:
        return {word.strip().lower(): severity for word, severity in values.items()}

    @field_validator("silence_severity", "severity")
    @classmethod
    def _is_a_problem(cls, severity: Severity | None) -> Severity | None:
        if severity is Severity.CLEAR:
            raise ValueError("says how bad it is; clear is no problem")
        return severity

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        ways = [self.severity is not None, bool(self.values), bool(self.thresholds)]
        if sum(ways) != 1 and not (sum(ways) == 0 and self.silence):
            raise ValueError("one of severity, values and thresholds, or silence alone")
        if self.path is not None and self.expression is not None:
            raise ValueError("either path or expression, and not both")
        if self.metric is not None and self.payload != "sparkplug":
            raise ValueError("metric is for payload: sparkplug")
        if self.possible and (not self.thresholds or self.possible[0] > self.possible[1]):
            raise ValueError("possible belongs to thresholds: the least number, then the greatest")
        if any(ways) and not self.title:
            raise ValueError("title is needed")
        if self.is_of_births and self.severity is None:
            raise ValueError("Sparkplug B without metric needs severity: how bad it is when a node dies")
        if self.is_of_births and self.silence:
            raise ValueError("silence is for rules with metric: births come only once")
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
            self.told_category,
        )  # raise what is wrong with them
        return self

    @property
    def is_of_births(self) -> bool:
        """True for the rule that tells of births and deaths."""
        return self.payload == "sparkplug" and self.metric is None

    @cached_property
    def pattern(self) -> TopicPattern:
        """The topic, compiled."""
        return TopicPattern(self.topic)

    @cached_property
    def exceptions(self) -> tuple[TopicPattern, ...]:
        """The topics that are excepted, compiled."""
        return tuple(TopicPattern(text) for text in self.except_topics)

    def match(self, topic: str) -> Mapping[str, str] | None:
        """Return what a topic captures; None: the rule does not look at it."""
        if any(pattern.match(topic) is not None for pattern in self.exceptions):
            return None
        return self.pattern.match(topic)

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Names of what this rule reports: another topic, type, device or resource is another rule."""
        types = [self.alert_type] if self.severity or self.values or self.thresholds else []
        return frozenset(map(self.scope_of, [*types, self.silent_type] if self.silence else types))

    def scope_of(self, alert_type: str) -> str:
        """Return the name under which an alert of this rule is known once it is open."""
        told = f"{self.topic}\0{alert_type}\0{self.device}\0{self.resource}"
        return sha256(told.encode(errors="replace")).hexdigest()[:SCOPE_CHARACTERS]

    @property
    def silent_type(self) -> str:
        """Alert type of silence."""
        return f"{self.told_category}_silent"

    @cached_property
    def texts(self) -> Mapping[str, RuleText]:
        """The texts, compiled."""
        return {key: RuleText(getattr(self, key)) for key in TEXTS}

    @cached_property
    def value_path(self) -> Path | None:
        """Where the value stands."""
        return None if self.path is None else read_path(self.path)

    @cached_property
    def evaluate(self) -> Expression | None:
        """The expression, compiled."""
        return None if self.expression is None else Expression(self.expression)

    @cached_property
    def told_category(self) -> Category:
        """The category, told or taken from the alert type."""
        if self.category is not None:
            return self.category
        word = self.alert_type.partition("_")[0]
        if word not in set(Category):
            raise ValueError(f"category is needed: {word} of alert_type is none of {', '.join(Category)}")
        return Category(word)
