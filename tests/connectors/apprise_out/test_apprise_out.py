"""The Apprise channel with and without the library, which is not installed with OpsConductor."""

import json
import socket
from ipaddress import ip_network
from pathlib import Path

import pytest

from connectors.apprise_out.channel import AppriseOutChannel
from connectors.apprise_out.config import AppriseOutConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import Rejected, Unreachable
from tests.support.notify.notices import NOTICE

CONTEXT = ConnectorContext(name="apprise", data_dir=Path("/nowhere"))
LIBRARY = '''
import json, pathlib, socket, sys

class Apprise:
    """What is used of the library's class, as its documentation describes it."""

    def add(self, url):
        self.url = url
        return not url.startswith("unknown")

    def notify(self, **message):
        print("libraries print")
        if self.url.startswith("connect"):
            try:
                socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2]))).close()
            except OSError:
                return False  # as the library does with every error
        pathlib.Path(__file__).with_name("sent.json").write_text(json.dumps(message))
        return not self.url.startswith("fails")
'''


def channel(url: str, context: ConnectorContext = CONTEXT) -> AppriseOutChannel:
    """Make a channel."""
    return AppriseOutChannel(AppriseOutConfig.model_validate({"url": url}), context)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a stand-in for the library; return its folder."""
    (tmp_path / "apprise.py").write_text(LIBRARY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


async def test_a_message_goes_through_the_library(library: Path) -> None:
    """Title, text and type are those of the notification."""
    used = channel("pover://USER@s3cret-token")
    receipt = await used.send(NOTICE)
    assert receipt.detail == "Apprise: delivered"
    assert json.loads((library / "sent.json").read_text()) == {
        "title": NOTICE.subject,
        "body": NOTICE.text,
        "notify_type": "failure",
        "body_format": "text",
    }
    assert (await used.check()).ok


@pytest.mark.usefixtures("library")
async def test_what_is_not_delivered_is_tried_again() -> None:
    """The library only reports a failure."""
    with pytest.raises(Unreachable, match="could not deliver"):
        await channel("fails://").send(NOTICE)


@pytest.mark.usefixtures("library")
async def test_an_unknown_url_is_final() -> None:
    """And it is not shown."""
    with pytest.raises(Rejected, match="does not know the URL") as refused:
        await channel("unknown://s3cret").send(NOTICE)
    assert "s3cret" not in str(refused.value)


async def test_the_library_connects_only_where_it_may(library: Path) -> None:
    """Whatever client it uses: the connection is refused before it is made, and the reason is reported."""
    nowhere = Destinations(refused=(ip_network("127.0.0.0/8"),))
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"connect://127.0.0.1:{server.getsockname()[1]}"
        closed = ConnectorContext(name="apprise", data_dir=Path("/nowhere"), destinations=nowhere)
        with pytest.raises(Unreachable, match=r"outgoing\.refused_networks"):
            await channel(url, closed).send(NOTICE)
        assert not (library / "sent.json").exists()
        await channel(url).send(NOTICE)
    assert (library / "sent.json").exists()


async def test_without_the_library_the_check_says_what_to_install() -> None:
    """The channel is built all the same; messages wait until the library is installed."""
    found = await channel("pover://").check()
    assert (found.ok, "pip install apprise" in found.message) == (False, True)
    with pytest.raises(Unreachable, match="not installed"):
        await channel("pover://").send(NOTICE)
