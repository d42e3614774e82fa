"""Link, site, port and number of consequences in a message, and their order."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from connectors.webhook.message import body_of
from opsconductor.config.settings import Settings
from opsconductor.connector.outgoing.appearance import NOT_OF_ONE
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.render import Renderer
from opsconductor.notify.settings import delivery_settings
from tests.unit.notify.test_render import OVER, ZONE, Tags, claimed, rendered

PAGE = "https://noc.example.net/alerts/"
LINK = f"https://noc.example.net/alerts/?alert={UUID(int=2)}"
PORT = {"custom_fields": {"port": "Gi0/7 to access ring", "rack": "A7"}}


def linking(kind: NotificationKind = NotificationKind.PROBLEM, **facts: Any) -> Any:
    """Render a message of a daemon whose page has a public address."""
    return Renderer(ZONE, public_url=PAGE).render(claimed(kind, **facts))


@pytest.mark.parametrize("kind", [kind for kind in NotificationKind if kind not in NOT_OF_ONE])
def test_every_message_links_to_its_alert(kind: NotificationKind) -> None:
    """The link is in the text, the HTML and the webhook document, before the table of facts."""
    message = linking(kind, **(OVER if kind is NotificationKind.RECOVERY else {}))
    assert message.url == LINK
    assert f"Open the alert: {LINK}\n" in message.text
    assert message.text.index(LINK) < message.text.index("  Device ")
    assert f'<a href="{LINK}"' in message.html
    assert json.loads(body_of(message))["url"] == LINK


def test_a_message_about_several_alerts_links_to_the_page() -> None:
    """The link leads to the page, because the message has no single alert."""
    message = linking(NotificationKind.SUMMARY)
    assert message.url == PAGE
    assert PAGE in message.text


def test_without_public_url_there_is_no_link() -> None:
    """The message has no incomplete address; the webhook document has null."""
    message = rendered()
    assert "alert:" not in message.text
    assert "a" not in Tags(message.html).tags
    assert json.loads(body_of(message))["url"] is None


def test_the_link_is_there_when_the_templates_fail() -> None:
    """The plain facts contain the link, too."""
    broken = replace(claimed(), facts={"title": "Down", "tags": 7})
    renderer = Renderer(ZONE, public_url=PAGE)
    renderer._environment.loader = None
    message = renderer.render(broken)
    assert (message.html, LINK in message.text) == ("", True)


def test_public_url_reaches_the_outbox_worker() -> None:
    """The setting is what the links begin with; without it they are left out."""
    given = Settings.model_validate({"public_url": "https://noc.example.net"})
    without = Settings()
    assert delivery_settings(given.notifications, given.public_url).public_url == "https://noc.example.net/"
    assert delivery_settings(without.notifications, without.public_url).public_url == ""


def test_a_link_cannot_be_a_script() -> None:
    """Only http and https are addresses of a page."""
    with pytest.raises(ValueError, match="URL scheme should be 'http' or 'https'"):
        Settings.model_validate({"public_url": "javascript:alert(1)"})


def test_the_site_stands_with_the_device() -> None:
    """The site comes second, right after the device, as plain text even when it is hostile."""
    message = rendered(site="Zurich <b>West</b>")
    assert "  Device          core-sw1 (10.0.0.1)\n  Site            Zurich <b>West</b>\n" in message.text
    assert "Zurich <b>West</b>" in Tags(message.html).text
    assert "b" not in Tags(message.html).tags
    assert "Site" not in rendered(site=None).text


def test_the_number_of_consequences_stands_once() -> None:
    """One sentence has it, in text, HTML and webhook document; there is none without consequences."""
    message = linking(impacted=12)
    sentence = "Impact: 12 other alerts are a consequence of this one."
    assert message.text.count("consequence") == 1
    assert sentence in message.text
    assert sentence in Tags(message.html).text
    assert json.loads(body_of(message))["alert"]["impacted"] == 12
    assert "consequence" not in rendered(impacted=0).text


def test_a_port_is_named_once_with_its_number() -> None:
    """The table has the port's name and, in brackets, the number by which it is paired."""
    text = rendered(**PORT).text
    assert "  Port            Gi0/7 to access ring (ifIndex=7)\n" in text
    assert "Resource" not in text
    assert "  port " not in text
    assert "  rack            A7\n" in text


def test_a_port_number_of_something_else_is_no_interface() -> None:
    """A custom field `port` of another resource (TCP port 443) stays a custom field."""
    message = rendered(title="Certificate expired", resource="web", custom_fields={"port": 443})
    assert message.subject == "[CRITICAL] Certificate expired - core-sw1 - web"
    assert "  port            443\n" in message.text


def test_a_hostile_port_name_forges_nothing() -> None:
    """A port's description comes from the network: it stays one line in the subject and text in the HTML."""
    fields = {"port": "x\r\nBcc: evil@example.net<script>"}
    message = rendered(title="Link Down", custom_fields=fields)
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert "script" not in Tags(message.html).tags
