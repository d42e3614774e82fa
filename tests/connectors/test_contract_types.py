"""mypy refuses connectors that break the contract: the types of `source_type` and its like are not `Any`."""

from pathlib import Path

import pytest

from tests.support.daemons.third_party import ROOT, run

GOOD = """
import asyncio
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from opsconductor.connector.abilities import abandons_scopes, acknowledges, receives_posts, verifies
from opsconductor.connector.connector_type import channel_type, inventory_type, source_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OtherConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Acme:
    def __init__(self, config: Config, context: ConnectorContext) -> None:
        self._context = context

    async def run(self, emit: Emit) -> None:
        await asyncio.Event().wait()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        return []

    def redacted(self, raw: RawEvent) -> bytes:
        return raw.payload

    async def check(self) -> CheckResult:
        return CheckResult(ok=True, message="works")


TYPE = source_type("acme", Config, Acme)
"""
SOURCE = 'expected "Callable[[Config, ConnectorContext], Source]"'
CHANGES: dict[str, tuple[str, str, str]] = {
    "a missing method": ("def redacted", "def redact", SOURCE),
    "a misspelt method": ("def normalize", "def normalise", SOURCE),
    "a wrong return type": ("-> bytes:\n        return raw.payload", "-> str:\n        return 'x'", SOURCE),
    "reports of another type": ("Sequence[NormalizedAlert]", "Sequence[str]", SOURCE),
    "a method that is not async": ("async def check", "def check", SOURCE),
    "another parameter": ("emit: Emit", "emit: Emit, more: int", SOURCE),
    "another configuration": (
        '"acme", Config',
        '"acme", OtherConfig',
        "OtherConfig, ConnectorContext], Source]",
    ),
    "a source as a channel": ("TYPE = source_type", "TYPE = channel_type", "ConnectorContext], Channel]"),
    "a source as an inventory": ("TYPE = source_type", "TYPE = inventory_type", "], InventorySource]"),
    "acknowledgements": ("Config, Acme)", "Config, Acme, acknowledges(Acme))", '"type[Acknowledger]"'),
    "verification": ("Config, Acme)", "Config, Acme, verifies(Acme))", '"type[Verifier]"'),
    "posts": ("Config, Acme)", "Config, Acme, receives_posts(Acme))", '"type[Receiver]"'),
    "scopes": ("Config, Acme)", "Config, Acme, abandons_scopes(Acme))", '"type[Poller]"'),
}
"""A change to a good connector, and a word of mypy's refusal."""


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run mypy once over the good connector and all bad ones; return its output for each."""
    folder = tmp_path_factory.mktemp("bad")
    sources = {"good": GOOD}
    for name, (old, bad, _) in CHANGES.items():
        assert old in GOOD
        sources[name] = GOOD.replace(old, bad)
    files = {name: folder / f"{name.replace(' ', '_')}.py" for name in sources}
    for name, path in files.items():
        path.write_text(sources[name])
    output = run("mypy", "--config-file", ROOT / "pyproject.toml", *files.values()).stdout
    return {name: _lines(output, path) for name, path in files.items()}


def _lines(output: str, path: Path) -> str:
    return "\n".join(line for line in output.splitlines() if f"{path.name}:" in line)


def test_a_good_connector_passes(refusals: dict[str, str]) -> None:
    """The refusals below are then due to their one change."""
    assert refusals["good"] == ""


@pytest.mark.parametrize("name", CHANGES)
def test_a_bad_connector_is_refused(name: str, refusals: dict[str, str]) -> None:
    """At the call that declares the type, with the protocol that does not fit."""
    assert "error:" in refusals[name]
    assert CHANGES[name][2] in refusals[name]
