"""What third-party connectors emit, measure and count is checked before the daemon uses it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from opsconductor.connector.abilities import receives_at_once, receives_posts
from opsconductor.connector.checking.conformance import BuiltConnector, build_connector
from opsconductor.connector.checking.context_check import MOST_REASONS, checked_context
from opsconductor.connector.connector_type import source_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import ContractError
from opsconductor.model.event import RawEvent
from opsconductor.model.measured.measurement import Measurement
from opsconductor.model.normalized import DeviceAlias, NormalizedAlert

NOW = datetime(2026, 1, 2, tzinfo=UTC)
EVENT = RawEvent("acme", b"down", NOW, peer="10.0.0.7")
VALUE = Measurement(
    "load", 7.5, NOW, device_ip="10.0.0.7", device_aliases=(DeviceAlias(kind="host", value="sw-1"),)
)
POST = Post(headers={}, query={}, body=b"", peer="10.0.0.7", received_at=NOW)


class Config(BaseModel):
    """A configuration without keys."""


class Acme:
    """A source that emits, and takes in posts, whatever the test has put there."""

    passed: Any = (EVENT,)

    def __init__(self, config: Config, context: ConnectorContext) -> None:
        del config, context

    async def run(self, emit: Emit) -> None:
        """Emit it once."""
        await emit(self.passed)

    def normalize(self, raw: RawEvent) -> list[NormalizedAlert]:
        """Return nothing."""
        del raw
        return []

    def redacted(self, raw: RawEvent) -> bytes:
        """Keep everything."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="a toy")

    def is_proven(self, head: Post) -> bool:
        """Trust everyone."""
        del head
        return True

    async def receive(self, post: Post) -> PostResult:
        """Take it in."""
        del post
        return PostResult(events=self.passed)

    def receive_at_once(self, post: Post) -> RawEvent | None:
        """Take it in without waiting."""
        del post
        return self.passed[0] if self.passed else None


TYPE = source_type("acme", Config, Acme, receives_posts(Acme), receives_at_once(Acme))


@pytest.fixture
def theirs(tmp_path: Path) -> BuiltConnector:
    """Provide a connector of another package."""
    context = ConnectorContext(name="acme", data_dir=tmp_path)
    return build_connector(replace(TYPE, is_third_party=True), Config(), context)


WRONG: list[tuple[Any, str]] = [
    (EVENT, "what is emitted is one event, expected a list of events"),
    (None, "what is emitted is of type NoneType, expected list or tuple"),
    ((each for each in [EVENT]), "what is emitted is of type generator, expected list or tuple"),
    ([b"down"], "an event is of type bytes, expected RawEvent"),
    ([EVENT, EVENT._replace(payload="down")], "payload is of type str, expected bytes"),
    ([EVENT._replace(received_at=datetime(2026, 1, 2))], "received_at has no time zone"),  # noqa: DTZ001
    ([EVENT._replace(peer=["10.0.0.7"])], "peer is of type list, expected str"),
    ([EVENT._replace(peer=None)], "peer is of type NoneType, expected str"),
    ([EVENT._replace(on_commit=7)], "on_commit is of type int, expected Callable or None"),
    ([EVENT._replace(connector="other")], "connector of a RawEvent is not the connector's own name"),
]


@pytest.mark.parametrize(("passed", "words"), WRONG, ids=[words for _, words in WRONG])
async def test_wrong_events_are_refused_however_they_come_in(
    theirs: BuiltConnector, passed: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emitted or posted: the connector gets the error, and nothing is passed on."""
    monkeypatch.setattr(Acme, "passed", passed)
    taken: list[RawEvent] = []

    async def emit(events: Sequence[RawEvent]) -> None:
        taken.extend(events)

    assert theirs.source is not None
    with pytest.raises(ContractError, match=rf"^connector acme: {words}$"):
        await theirs.source.run(emit)
    assert theirs.receiver is not None
    with pytest.raises(ContractError, match=rf"^connector acme: {words}$"):
        await theirs.receiver.receive(POST)
    assert not taken


async def test_right_events_pass_unchanged(theirs: BuiltConnector) -> None:
    """Events are the same objects, whichever way they come in."""
    taken: list[RawEvent] = []

    async def emit(events: Sequence[RawEvent]) -> None:
        taken.extend(events)

    assert theirs.source is not None
    assert theirs.receiver is not None
    assert theirs.prompt_receiver is not None
    await theirs.source.run(emit)
    assert taken[0] is EVENT
    assert (await theirs.receiver.receive(POST)).events[0] is EVENT
    assert theirs.prompt_receiver.receive_at_once(POST) is EVENT
    assert theirs.receiver.is_proven(POST)


def test_a_post_taken_at_once_is_checked_too(theirs: BuiltConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short way of posts is no way around the check."""
    monkeypatch.setattr(Acme, "passed", [EVENT._replace(payload=None)])
    assert theirs.prompt_receiver is not None
    with pytest.raises(ContractError, match="payload is of type NoneType, expected bytes"):
        theirs.prompt_receiver.receive_at_once(POST)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "7.5"}, "value is of type str, expected float or int"),
        ({"value": None}, "value is of type NoneType, expected float or int"),
        ({"at": 1_767_312_000}, "at is of type int, expected datetime"),
        ({"at": datetime(2026, 1, 2)}, "at has no time zone"),  # noqa: DTZ001
        ({"metric": 7}, "metric is of type int, expected str"),
        ({"kind": "gauge"}, "kind is of type str, expected SeriesKind"),
        ({"device_aliases": ("sw-1",)}, "an entry of device_aliases is of type str, expected DeviceAlias"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    """None of the values of a call is stored if one is wrong."""
    stored: list[Measurement] = []
    plain = ConnectorContext(name="acme", data_dir=tmp_path, measure=stored.extend)
    context = checked_context(plain)
    context.measure([VALUE, VALUE._replace(value=7)])
    assert len(stored) == 2
    with pytest.raises(ContractError, match=rf"^connector acme: {words}$"):
        context.measure([VALUE, VALUE._replace(**change)])
    assert len(stored) == 2


def test_only_stages_and_reasons_of_a_closed_set_are_counted(tmp_path: Path) -> None:
    """The ledger, its rows and metrics do not grow with what is in messages."""
    counted: list[tuple[str, str, int]] = []

    def count(stage: str, reason: str = "", amount: int = 1) -> None:
        counted.append((stage, reason, amount))

    checked: Any = checked_context(ConnectorContext(name="acme", data_dir=tmp_path, count=count)).count
    checked("received")
    checked("refused", "token", 2)
    wrong = [
        (("recieved",), "count knows no stage 'recieved', only dropped, duplicate, "),
        (("refused", "no route to 10.0.0.7"), "the reason of count is no word of a-z, 0-9 and _"),
        (("refused", None), "the reason of count is of type NoneType, expected str"),
        (("received", "", "2"), "the amount of count is of type str, expected int"),
    ]
    for call, words in wrong:
        with pytest.raises(ContractError, match=words):
            checked(*call)
    assert counted == [("received", "", 1), ("refused", "token", 2)]
    for number in range(MOST_REASONS - 2):
        checked("refused", f"reason_{number}")
    with pytest.raises(ContractError, match=f"more than {MOST_REASONS} reasons of count are counted"):
        checked("refused", "another")
    checked("refused", "token")
