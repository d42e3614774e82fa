"""The filter of alerts as parameters: one language for lists, sums, bulk commands and exports."""

from dataclasses import fields
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from opsconductor.api.http.parameters import (
    CURSOR,
    NO_NUL,
    Address,
    HiddenChoice,
    Id,
    Name,
    Number,
    Parameters,
    Text,
    Time,
)
from opsconductor.connector.settings.shape import Shape
from opsconductor.model.enums import OPEN_STATUSES, Category, Priority, Severity, Status
from opsconductor.store.alerts.filter import NEWEST_FIRST, SORTS, URGENT_FIRST, AlertFilter
from opsconductor.store.alerts.lacking import Lacking

SORT_KEYS = [key for name in SORTS for key in (name, f"-{name}")]

MOST_VALUES = 20
PER_PAGE = 50
MOST_PER_PAGE = 200
LAST_PAGE = 200
"""Pages after it are read by `cursor`, which does not skip over those before it."""
LONGEST_CURSOR = 3_000
DERIVED = ("device_key", "other_device", "possible_ip", "indexed_terms", "rows")
"""Fields of a filter that callers cannot set: from the inventory, PostgreSQL's statistics, and the role."""


ID_PART = Shape(
    "^([0-9a-fA-F-]{4,36})?$", "at least four characters of an id, such as 0198c5a2: 0 to 9, a to f and -"
)


def _known_sort(key: str) -> str:
    if key not in SORT_KEYS:
        raise ValueError(f"one of {', '.join(SORTS)}, or with - in front")
    return key


def _yes_or_no(given: object, info: ValidationInfo) -> object:
    """Accept the words of a query string, in JSON nothing but a boolean."""
    if isinstance(given, bool) or given is None:
        return given
    if info.mode == "python" and given in ("true", "false"):
        return given == "true"
    raise ValueError("true or false")


YesOrNo = Annotated[bool | None, BeforeValidator(_yes_or_no)]
Sort = Annotated[str, AfterValidator(_known_sort), WithJsonSchema({"type": "string", "enum": SORT_KEYS})]
Place = Annotated[str, Field(max_length=100), NO_NUL]
AlertType = Annotated[str, Field(max_length=100), NO_NUL]


class AlertFilterParameters(Parameters):
    """Filter of alerts.

    Repeat a parameter, or separate values by commas, to match any of them; in a JSON body use lists.
    """

    status: tuple[Status, ...] = Field((), max_length=MOST_VALUES, description="Status of the alert.")
    severity: tuple[Severity, ...] = Field((), max_length=MOST_VALUES, description="Severity.")
    category: tuple[Category, ...] = Field((), max_length=MOST_VALUES, description="Category.")
    priority: tuple[Priority, ...] = Field((), max_length=MOST_VALUES, description="Priority.")
    device: tuple[Text, ...] = Field(
        (), max_length=MOST_VALUES, description="Name or main address of the device, as alerts show it."
    )
    device_ip: tuple[Address, ...] = Field(
        (), max_length=MOST_VALUES, description="Main address of the device."
    )
    site: tuple[Place, ...] = Field(
        (), max_length=MOST_VALUES, description="Site of the device, by the present inventory."
    )
    role: tuple[Place, ...] = Field(
        (), max_length=MOST_VALUES, description="Role of the device, by the present inventory."
    )
    source_system: tuple[Name, ...] = Field((), max_length=10, description="Name of the connector.")
    alert_type: tuple[AlertType, ...] = Field(
        (), max_length=MOST_VALUES, description="Alert type; `*` stands for any characters: `power_*`."
    )
    resource: tuple[Text, ...] = Field(
        (), max_length=MOST_VALUES, description="What on the device is affected, as `ifIndex=7`."
    )
    tag: tuple[Place, ...] = Field((), max_length=MOST_VALUES, description="One of the alert's tags.")
    assigned_to: tuple[Place, ...] = Field((), max_length=MOST_VALUES, description="Assignee.")
    without: tuple[Lacking, ...] = Field(
        (),
        max_length=len(Lacking),
        description="What the alert lacks: a site or a role of its device, by the present inventory, a "
        "device, a tag, an assignee; if several are named, all of them.",
    )
    acknowledged: YesOrNo = Field(None, description="Whether it is acknowledged, or was when it ended.")
    is_cause: YesOrNo = Field(None, description="Whether others are suppressed because of it.")
    correlated_to_id: tuple[Id, ...] = Field(
        (), max_length=MOST_VALUES, description="Id of the nearest cause: its direct consequences."
    )
    root_id: tuple[Id, ...] = Field(
        (), max_length=MOST_VALUES, description="Id of a cause: its consequences, theirs, and so on."
    )
    search: Text = Field(
        "",
        description="Terms between spaces, all of which must be in title, device name, address or message. "
        "A term begins where a word does; case does not matter.",
    )
    id_part: Annotated[str, ID_PART] = Field(
        "",
        alias="id",
        description="Beginning or end of the id, or beginning of its last eight characters; four or more.",
    )
    since: Time | None = Field(None, alias="from", description="Occurred at this time or later.")
    until: Time | None = Field(None, alias="to", description="Occurred before this time.")
    last_since: Time | None = Field(None, alias="last_from", description="Last repeated then or later.")
    last_until: Time | None = Field(None, alias="last_to", description="Last repeated before this time.")
    resolved_since: Time | None = Field(None, alias="resolved_from", description="Ended then or later.")
    resolved_until: Time | None = Field(None, alias="resolved_to", description="Ended before this time.")

    hidden: HiddenChoice = Field(
        HiddenChoice.NO,
        description="Alerts that a maintenance window hides: left out, listed too, or nothing else.",
    )

    @property
    def is_hidden(self) -> tuple[bool, ...]:
        """Return the values of `Alert.is_hidden` that match; empty: any, as in a request for one id."""
        if self.hidden is HiddenChoice.ALSO or self.id_part:
            return ()
        return (self.hidden is HiddenChoice.ONLY,)

    @property
    def is_open(self) -> bool:
        """Return whether only open alerts are wanted."""
        return bool(self.status) and OPEN_STATUSES.issuperset(self.status)

    @property
    def is_by_inventory(self) -> bool:
        """Return whether the inventory decides about a part of it, see `alert_pages.filter_of`."""
        return bool(self.site or self.role or {Lacking.SITE, Lacking.ROLE}.intersection(self.without))

    def filter(self) -> AlertFilter:
        """Return the filter without sites and roles, which only the inventory can answer."""
        names = [each.name for each in fields(AlertFilter) if each.name not in DERIVED]
        return AlertFilter(**{name: getattr(self, name) for name in names})


class AlertListParameters(AlertFilterParameters):
    """Filters, order and page of a list of alerts.

    Repeat a parameter, or separate values by commas, to match any of them.
    """

    sort: tuple[Sort, ...] = Field(
        (),
        max_length=10,
        description="Columns, the first most important; - in front: descending; ties are newest first. "
        "Default: open alerts by priority, severity, then the newest; with closed ones among them the newest "
        "first.",
    )
    page: Number = Field(1, ge=1, le=LAST_PAGE, description="From 1; beyond the last use `cursor`.")
    per_page: Number = Field(PER_PAGE, ge=1, le=MOST_PER_PAGE, description="Alerts on a page.")
    cursor: Annotated[str, CURSOR] = Field(
        "",
        max_length=LONGEST_CURSOR,
        description="`next_cursor` of the page before, with the same filters and order; `page` is ignored.",
    )

    @property
    def order(self) -> tuple[str, ...]:
        """Return the requested order, or the default for these statuses."""
        return self.sort or (URGENT_FIRST if self.is_open else NEWEST_FIRST)

    @property
    def offset(self) -> int:
        """Return the number of alerts on earlier pages."""
        return 0 if self.cursor else (self.page - 1) * self.per_page


class ExportParameters(AlertFilterParameters):
    """Filter and format of an export; the newest alerts come first."""

    format: Literal["csv", "jsonl"] = Field("csv", description="CSV with a header row, or JSON lines.")
