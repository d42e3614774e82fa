"""The Apprise channel with and without the library, which is not installed with OpsConductor."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from connectors.apprise_out.channel import AppriseOutChannel
from connectors.apprise_out.config import AppriseOutConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import Rejected, Unreachable
from tests.support.notices import NOTICE

CONFIG = AppriseOutConfig.model_validate({"url": "pover://USER@s3cret-token"})
CONTEXT = ConnectorContext(name="apprise", data_dir=Path("/nowhere"))


class Library:
    """What is used of the library's class, as its documentation describes it."""

    sent: list[dict[str, str]]
    knows = True
    delivers = True

    def add(self, url: str) -> bool:
        """Add a receiver."""
        return self.knows and url.startswith("pover://")

    def notify(self, **message: str) -> bool:
        """Keep a message."""
        self.sent.append(message)
        return self.delivers


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> type[Library]:
    """Stand in for the installed library."""
    module = ModuleType("apprise")
    module.Apprise = Library  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "apprise", module)
    monkeypatch.setattr(Library, "sent", [], raising=False)
    monkeypatch.setattr(Library, "knows", True)
    monkeypatch.setattr(Library, "delivers", True)
    return Library


async def test_a_message_goes_through_the_library(library: type[Library]) -> None:
    """Title, text and type are those of the notification."""
    channel = AppriseOutChannel(CONFIG, CONTEXT)
    receipt = await channel.send(NOTICE)
    assert receipt.detail == "Apprise: delivered"
    assert library.sent == [
        {"title": NOTICE.subject, "body": NOTICE.text, "notify_type": "failure", "body_format": "text"}
    ]
    assert (await channel.check()).ok


async def test_what_is_not_delivered_is_tried_again(library: type[Library]) -> None:
    """The library says no more than that it failed."""
    library.delivers = False
    with pytest.raises(Unreachable, match="could not deliver"):
        await AppriseOutChannel(CONFIG, CONTEXT).send(NOTICE)


async def test_an_unknown_url_is_final(library: type[Library]) -> None:
    """And it is not shown."""
    library.knows = False
    with pytest.raises(Rejected, match="does not know the URL") as refused:
        await AppriseOutChannel(CONFIG, CONTEXT).send(NOTICE)
    assert "s3cret" not in str(refused.value)


async def test_without_the_library_the_check_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel is built all the same; messages wait until the library is there."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    channel = AppriseOutChannel(CONFIG, CONTEXT)
    found = await channel.check()
    assert (found.ok, "pip install apprise" in found.message) == (False, True)
    with pytest.raises(Unreachable, match="not installed"):
        await channel.send(NOTICE)
