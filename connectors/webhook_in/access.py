"""Authentication of senders, with constant-time comparison of secrets."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from datetime import timedelta

from connectors.webhook_in.config import Basic, FormatName, WebhookInConfig
from opsconductor.connector.post import Post
from opsconductor.errors import Refused

REPLAY_WINDOW = timedelta(minutes=5)
"""Allowed difference between the clocks of sender and receiver, and lifetime of a recorded post."""
TOKEN_HEADER = "x-auth-token"  # noqa: S105 - the name of a header
ROUTING_KEY_HEADER = "x-routing-key"
"""Header in which some client libraries of PagerDuty send the routing key."""
MOST_BYTES_OF_STRANGERS = 512 * 1024
"""Bytes of a body that are parsed to find a secret; PagerDuty itself accepts no longer bodies."""
UNIX_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)

Admits = Callable[[Post], bool]


def who_may_post(config: WebhookInConfig) -> Admits:
    """Return the authentication method of a configuration."""
    if config.hmac_secret is not None:
        return _by_signature(config, config.hmac_secret.get_secret_value().encode())
    if config.basic is not None:
        return _by_password(config.basic)
    assert config.token is not None
    return _by_token(config.token.get_secret_value().encode())


def may_be_proven_by_body(config: WebhookInConfig, head: Post) -> bool:
    """Return whether the body can authenticate a sender whose headers and URL do not.

    A signature needs the body, but its header must be present and its time recent.
    """
    if config.hmac_secret is None:
        return is_in_body(config)
    if not head.headers.get(config.signature_header, "").strip():
        return False
    if config.hmac_timestamp_header is None:
        return True
    at = head.headers.get(config.hmac_timestamp_header, "").strip()
    return bool(UNIX_TIME.fullmatch(at)) and _is_fresh(int(at), head)


def refused() -> Refused:
    """Return the refusal for a missing or wrong secret, which does not say which of the two it is."""
    return Refused("unauthorized", "the secret of this connector is missing or wrong", status=401)


def is_in_body(config: WebhookInConfig) -> bool:
    """Return True if the token may be in the body instead: PagerDuty's senders support only `routing_key`."""
    return config.format is FormatName.PAGERDUTY and config.token is not None


def is_same(given: str, secret: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(errors="replace"), secret)


def _by_token(token: bytes) -> Admits:
    def admits(post: Post) -> bool:
        scheme, _, credential = post.headers.get("authorization", "").partition(" ")
        given = credential.strip() if scheme.lower() in ("bearer", "token") else ""
        given = given or post.headers.get(TOKEN_HEADER, "") or post.headers.get(ROUTING_KEY_HEADER, "")
        given = given or post.query.get("token", "")
        return is_same(given, token)

    return admits


def _by_password(basic: Basic) -> Admits:
    expected = f"{basic.username}:{basic.password.get_secret_value()}".encode()

    def admits(post: Post) -> bool:
        scheme, _, credential = post.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(credential, validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        return hmac.compare_digest(given, expected)

    return admits


def _by_signature(config: WebhookInConfig, key: bytes) -> Admits:
    header, algorithm = config.signature_header, config.hmac_algorithm
    time_header = config.hmac_timestamp_header

    def admits(post: Post) -> bool:
        given = post.headers.get(header, "").strip().lower().removeprefix(f"{algorithm}=")
        signed, is_fresh = post.body, True
        if time_header is not None:
            at = post.headers.get(time_header, "").strip()
            is_fresh = bool(UNIX_TIME.fullmatch(at)) and _is_fresh(int(at), post)
            signed = at.encode(errors="replace") + b":" + post.body
        return is_same(given, hmac.new(key, signed, algorithm).hexdigest().encode()) and is_fresh

    return admits


def _is_fresh(at: int, post: Post) -> bool:
    return abs(post.received_at.timestamp() - at) <= REPLAY_WINDOW.total_seconds()
