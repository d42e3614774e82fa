"""Configuration of the channels: which values are accepted, and with which message others are refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import connectors
from connectors.email.config import EmailConfig
from connectors.webhook.config import WebhookConfig
from opsconductor.config.secrets import is_reference

EMAIL = {"host": "smtp.example.net", "from": "ops@example.net"}
WEBHOOK = {"url": "https://hooks.example.net/in?key=k-123"}


@pytest.mark.parametrize("kind", sorted(connectors.CHANNELS))
def test_the_sample_is_valid(kind: str) -> None:
    """The sample of a channel is valid; its secrets are references, not texts."""
    sample = yaml.safe_load((Path(connectors.__file__).parent / kind / "sample.yaml").read_text())
    [declared] = sample["connectors"]
    assert declared["type"] == kind
    config = connectors.CHANNELS[kind].config.model_validate(declared["config"])
    for secret in {"password", "secret"} & set(declared["config"]):
        assert is_reference(declared["config"][secret])
        assert declared["config"][secret] not in repr(config)
    channels = [rule["channels"][0]["channel"] for rule in sample["notification_rules"]]
    assert set(channels) == {declared["name"]}


@pytest.mark.parametrize(("tls", "port"), [("none", 25), ("starttls", 587), ("tls", 465)])
def test_the_port_follows_the_encryption(tls: str, port: int) -> None:
    """Without `port` the usual port of the encryption is used."""
    assert EmailConfig.model_validate({**EMAIL, "tls": tls}).server_port == port
    assert EmailConfig.model_validate({**EMAIL, "tls": tls, "port": 2525}).server_port == 2525


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"host": ""}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "x\r\nQUIT"}, "host"),
        ({"port": 0}, "port"),
        ({"tls": "ssl"}, "tls"),
        ({"from": "no-address"}, "not one e-mail address"),
        ({"from": "a@example.net, b@example.net"}, "not one e-mail address"),
        ({"username": "ops"}, "username and password are required together"),
        ({"password": "hidden-1"}, "username and password are required together"),
        ({"username": "o", "password": "hidden-1", "tls": "none"}, "a password requires encryption"),
        ({"timeout": "2m"}, "between 1s and 55s"),
        ({"timeout": "0s"}, "between 1s and 55s"),
        ({"recipients": ["a@example.net"]}, "recipients"),
    ],
)
def test_email_faults_are_reported(config: dict[str, Any], words: str) -> None:
    """Each message names the key or the remedy."""
    with pytest.raises(ValidationError, match=words):
        EmailConfig.model_validate({**EMAIL, **config})


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"url": "ftp://example.net"}, "url"),
        ({"url": "hooks.example.net"}, "url"),
        ({"url": "https://user:pass@example.net/"}, "use headers"),
        ({"secret": "short"}, "secret"),
        ({"headers": {"Content-Type": "text/plain"}}, "not an allowed header"),
        ({"headers": {"Host": "other"}}, "not an allowed header"),
        ({"headers": {"X-OpsConductor-Signature": "x"}}, "not an allowed header"),
        ({"headers": {"X A": "x"}}, "not an allowed header"),
        ({"headers": {"X-A\r\nX-B": "x"}}, "not an allowed header"),
        ({"headers": {"X-A": "x\r\nX-B: y"}}, "must be one line of ASCII"),
        ({"headers": {"X-A": "ü"}}, "must be one line of ASCII"),
        ({"timeout": "56s"}, "between 1s and 55s"),
        ({"method": "GET"}, "method"),
    ],
)
def test_webhook_faults_are_reported(config: dict[str, Any], words: str) -> None:
    """Each message names the key or the remedy."""
    with pytest.raises(ValidationError, match=words):
        WebhookConfig.model_validate({**WEBHOOK, **config})


def test_no_secret_is_shown() -> None:
    """Passwords, keys, header values and the URL's path stay out of `repr`."""
    email = EmailConfig.model_validate({**EMAIL, "username": "ops", "password": "hidden-1"})
    webhook = WebhookConfig.model_validate(
        {**WEBHOOK, "secret": "hidden-2-hidden-2", "headers": {"Authorization": "hidden-3"}}
    )
    shown = repr(email) + repr(webhook) + str(webhook)
    assert "hidden" not in shown
    assert "k-123" not in shown
    assert webhook.place == "https://hooks.example.net:443"


def test_a_url_beyond_ascii_is_posted_to_in_its_ascii_form() -> None:
    """The host of a webhook may be an international name."""
    config = WebhookConfig.model_validate({"url": "https://bücher.example/hook"})
    assert (config.place, config.url.host) == ("https://xn--bcher-kva.example:443", "xn--bcher-kva.example")
