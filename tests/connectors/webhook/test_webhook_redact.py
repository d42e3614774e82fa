"""Redaction of a receiver's answer."""

from connectors.webhook.channel import secrets_of
from connectors.webhook.config import WebhookConfig
from opsconductor.connector.outgoing.redact import Redactor

CONFIG = WebhookConfig.model_validate(
    {
        "url": "https://chat.example/api/v1/hooks/T0KEN%2Fof-the-room?key=qu3ry-s3cret&v=1",
        "secret": "s1gning-key-of-the-hook",
        "headers": {"Authorization": "Bearer be4rer-t0ken", "X-Empty": ""},
    }
)


def test_nothing_of_url_headers_and_key_is_left() -> None:
    """Whole or in pieces, as written or decoded: secrets are removed, everything else stays."""
    answer = (
        "no route /api/v1/hooks/T0KEN%2Fof-the-room?key=qu3ry-s3cret&v=1 (T0KEN/of-the-room) "
        "for qu3ry-s3cret, authorization be4rer-t0ken or Bearer be4rer-t0ken, "
        "signed s1gning-key-of-the-hook: api error v1"
    )
    text = Redactor(secrets_of(CONFIG))(answer)
    for secret in ("T0KEN", "s3cret", "t0ken", "s1gning"):
        assert secret not in text
    assert text.startswith("no route ***")
    assert text.endswith("signed ***: api error v1")


def test_a_short_plain_url_blots_nothing() -> None:
    """Words of a usual URL are no secrets."""
    config = WebhookConfig.model_validate({"url": "http://127.0.0.1/in"})
    assert list(secrets_of(config)) == []
    assert Redactor(secrets_of(config))("in the beginning") == "in the beginning"
