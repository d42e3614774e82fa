"""Templates of a channel's texts are tried when configured, and never prevent a message."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from connectors import CHANNELS
from connectors.sms_http.channel import SmsHttpChannel
from connectors.sms_http.config import SmsHttpConfig
from opsconductor.connector.abilities import Previewer
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.outgoing.own_texts import MessageTemplates, OwnTexts
from opsconductor.connector.outgoing.samples import FULL, sample_of
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification
from tests.support.notify.hook_server import Hook, hooked
from tests.support.notify.sent_cases import read_case

CASES = Path(__file__).parents[2] / "connectors"
TEMPLATED = [name for name, each in CHANNELS.items() if "templates" in each.config.model_fields]
PROBLEM = sample_of(NotificationKind.PROBLEM)
ODD = sample_of(NotificationKind.PROBLEM, {**FULL, "site": None, "custom_fields": {}})
"""Lacks the values that the templates of these tests need."""
FAILS_LATER = "{{ alert.custom_fields.port if kind == 'problem' and alert.category == 'network' }}"


class Reports:
    """Collects reports about templates."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def __call__(self, _: Notification, error: str) -> None:
        """Record a report."""
        self.errors.append(error)


def test_the_channels_that_people_read_have_templates() -> None:
    """All of them take the same two keys; e-mail has one more for HTML."""
    assert sorted(TEMPLATED) == [
        *("apprise_out", "email", "gotify", "matrix", "mattermost", "msteams"),
        *("ntfy", "slack", "telegram", "twilio"),
    ]


@pytest.mark.parametrize("name", [name for name in TEMPLATED if name not in {"email", "apprise_out"}])
def test_templates_are_tried_with_samples_and_shown_by_the_preview(name: str) -> None:
    """A template that fails with any kind of message is refused with its line; a good one is previewed."""
    case = read_case(CASES / name / "cases" / "own_texts.yaml")
    config: type[BaseModel] = CHANNELS[name].config
    given = json.loads(json.dumps(case["config"]).replace("{server}", "http://localhost"))
    given["templates"] = {"text": "one\n{{ alert.titel }}"}
    with pytest.raises(ValidationError, match=r"templates.text\n.*kind problem: line 2: .*'titel'"):
        config.model_validate(given)
    templates = {"subject": "{{ alert.title }}", "text": "{{ kind }}"}
    good = config.model_validate({**given, "templates": templates})
    channel = CHANNELS[name].build(good, ConnectorContext(name=name, data_dir=Path("/nowhere")))
    assert isinstance(channel, Previewer)
    assert channel.preview(PROBLEM) == {"subject": FULL["title"], "text": "problem"}


def test_a_template_that_fails_later_leaves_the_default_texts() -> None:
    """The message has the default texts; the failure and its end are reported."""
    reports = Reports()
    texts = OwnTexts(MessageTemplates(text=FAILS_LATER), reports)
    assert texts.written(ODD) is ODD
    own = texts.written(PROBLEM)
    assert (own.own_text, own.text, own.subject) == ("Gi1/0/7", "Gi1/0/7", PROBLEM.subject)
    assert [bool(error) for error in reports.errors] == [True, False]
    assert "templates.text: line 1: " in reports.errors[0]


async def test_a_text_message_is_sent_with_what_there_is() -> None:
    """A gateway accepts one form only: missing values are left empty, and the fault is reported."""
    reports, hook = Reports(), Hook()
    async with hooked(hook) as port:
        url = f"http://localhost:{port}/send?to={{{{ recipient }}}}"
        body = f"text={{{{ subject | urlencode }}}}&port={FAILS_LATER}"
        context = ConnectorContext(name="sms", data_dir=Path("/nowhere"), report_template=reports)
        channel = SmsHttpChannel(SmsHttpConfig.model_validate({"url": url, "body": body}), context)
        for message in (ODD, PROBLEM):
            await channel.send(numbered(message))
        await channel.close()
    assert [request.body.decode().partition("&")[2] for request in hook.requests] == ["port=", "port=Gi1/0/7"]
    assert [bool(error) for error in reports.errors] == [True, False]


def numbered(message: Notification) -> Notification:
    """Return a message to a telephone number."""
    return replace(message, recipient="+491701234567")
