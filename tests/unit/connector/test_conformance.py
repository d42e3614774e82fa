"""Checks of a connector type when it is loaded, for packages that mypy never checked."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint

import pytest
from pydantic import BaseModel, ConfigDict

from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.app.connectors.types import types_of
from opsconductor.connector.abilities import acknowledges, receives_posts, verifies
from opsconductor.connector.checking.conformance import checked_type
from opsconductor.connector.connector_type import ConnectorType, channel_type, source_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import ContractError
from opsconductor.model.alert import Alert
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert


class Config(BaseModel):
    """A configuration without keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LaxConfig(BaseModel):
    """A configuration that ignores unknown keys."""


class Good:
    """A complete source."""

    def __init__(self, config: Config, context: ConnectorContext) -> None:
        del config, context

    async def run(self, emit: Emit) -> None:
        """Run until cancelled."""
        del emit
        await asyncio.Event().wait()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Report nothing."""
        del raw
        return []

    def redacted(self, raw: RawEvent) -> bytes:
        """Keep everything."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="a toy")


class WithoutCheck(Good):
    """A source without `check`."""

    check = None  # type: ignore[assignment]


class Blocking(Good):
    """A source whose `check` is no coroutine."""

    def check(self) -> CheckResult:  # type: ignore[override]
        """Succeed."""
        return CheckResult(ok=True, message="a toy")


class TakesTooManyArguments(Good):
    """A source whose `normalize` takes more arguments than it is given."""

    def normalize(self, raw: RawEvent, more: object) -> Sequence[NormalizedAlert]:  # type: ignore[override]
        """Report nothing."""
        del raw, more
        return []


class Misspelt(Good):
    """A source with a misspelt `acknowledge`."""

    async def acknowlege(self, alert: Alert, by: str, note: str) -> None:
        """Do nothing."""


class Undeclared(Good):
    """A source that can acknowledge, and whose type does not declare it."""

    async def acknowledge(self, alert: Alert, by: str, note: str) -> None:
        """Do nothing."""


class ReceivesOnly(Good):
    """A source with half of an ability, which its type does not declare."""

    async def receive(self, post: Post) -> PostResult:
        """Accept nothing."""
        del post
        return PostResult()


def build_one(config: Config, context: ConnectorContext) -> WithoutCheck:
    """Build a source by a function with a declared return type."""
    return WithoutCheck(config, context)


REFUSED: dict[str, tuple[object, str]] = {
    "no type at all": (Good, "not a connector type"),
    "a missing method": (
        source_type("x", Config, WithoutCheck),
        "WithoutCheck has no method check, which a Source",
    ),
    "a missing method of what a function builds": (
        source_type("x", Config, build_one),
        "WithoutCheck has no method check, which a Source",
    ),
    "a method that is not async": (source_type("x", Config, Blocking), "Blocking.check must be async def"),
    "other parameters": (
        source_type("x", Config, TakesTooManyArguments),
        "TakesTooManyArguments.normalize must take (raw)",
    ),
    "a misspelt ability": (
        source_type("x", Config, Misspelt, acknowledges(Misspelt)),  # type: ignore[type-abstract, arg-type]
        "Misspelt has no method acknowledge, which a Acknowledger has (acknowledges is declared)",
    ),
    "an ability that is not declared": (
        source_type("x", Config, Undeclared),
        "Undeclared has acknowledge, but acknowledges(Undeclared) is not declared",
    ),
    "a part of an ability that is not declared": (
        source_type("x", Config, ReceivesOnly),
        "ReceivesOnly has receive, but receives_posts(ReceivesOnly) is not declared",
    ),
    "a source as a channel": (channel_type("x", Config, Good), "Good has no method close, which a Channel"),  # type: ignore[arg-type]
    "a lax configuration": (source_type("x", LaxConfig, Good), 'LaxConfig must have extra="forbid"'),  # type: ignore[arg-type]
    "no name": (source_type("", Config, Good), "it has no name"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_type_that_breaks_the_contract_is_refused_when_it_is_loaded(case: str) -> None:
    """The error names the type, where it comes from, the class and the method."""
    found, words = REFUSED[case]
    with pytest.raises(ContractError) as refused:
        checked_type(found, "acme:TYPE")
    assert words in str(refused.value)
    assert "acme:TYPE" in str(refused.value)


def test_all_faults_are_named_at_once() -> None:
    """All faults are in one error."""
    connector_type = source_type(
        "x", Config, WithoutCheck, receives_posts(WithoutCheck), verifies(WithoutCheck)
    )  # type: ignore[arg-type]
    with pytest.raises(ContractError) as refused:
        checked_type(connector_type, "acme:TYPE")
    for method in ("check", "receive", "is_proven", "can_verify", "verify"):
        assert f"no method {method}," in str(refused.value)


@pytest.mark.parametrize(
    "connector_type",
    [*SOURCES.values(), *CHANNELS.values(), *INVENTORIES.values()],
    ids=lambda connector_type: connector_type.name,
)
def test_our_own_types_keep_the_contract(connector_type: ConnectorType) -> None:
    """Every one of them, with the abilities that it declares."""
    assert checked_type(connector_type, "connectors") is connector_type


def test_a_package_that_cannot_be_loaded_affects_no_other() -> None:
    """The type is listed as broken with the reason; our own types are all available."""
    here = "tests.unit.connector.test_conformance"
    installed = types_of(
        [
            EntryPoint("gone", "acme_that_is_not_there:TYPE", "opsconductor.connectors"),
            EntryPoint("wrong", f"{here}:Good", "opsconductor.connectors"),
            EntryPoint("email", "acme_that_is_not_there:TYPE", "opsconductor.connectors"),
        ]
    )
    assert set(installed.broken) == {"gone", "wrong"}
    assert "acme_that_is_not_there" in installed.broken["gone"]
    assert "not a connector type" in installed.broken["wrong"]
    assert set(installed.known) == {*SOURCES, *CHANNELS, *INVENTORIES}


NAMED = source_type("named", Config, Good)


def test_two_packages_with_one_type_are_both_refused() -> None:
    """Which of them ran would depend on the order in which they are found."""
    here = "tests.unit.connector.test_conformance"
    values = (f"{here}:NAMED", f"{here}:Good")
    installed = types_of([EntryPoint("named", value, "opsconductor.connectors") for value in values])
    assert "named" not in installed.known
    assert f"several packages have it ({here}:Good, {here}:NAMED)" in installed.broken["named"]


def test_a_type_has_the_name_of_its_entry_point() -> None:
    """By the one it is declared, by the other its package is checked."""
    value = "tests.unit.connector.test_conformance:NAMED"
    installed = types_of([EntryPoint("other", value, "opsconductor.connectors")])
    assert "its name is 'named': name its entry point the same" in installed.broken["other"]
    assert "other" not in installed.known


def test_a_type_is_imported_on_first_use() -> None:
    """Listing the types imports nothing; a package is imported when its type is looked up."""
    script = """
import sys
from opsconductor.app.connectors.types import installed_types
known = installed_types().known
loaded = lambda: {name for name in sys.modules if name.startswith("connectors.")}
assert "slack" in known and len(list(known)) == len(known) and "acme" not in known and not loaded()
assert known["slack"].name == "slack" and known.get("acme") is None
assert {name.split(".")[1] for name in loaded()} == {"slack"}
"""
    subprocess.run([sys.executable, "-c", script], check=True)
