"""Posts of NetBox's event rules: a signed one triggers a read of the changelog.

The content of a post is neither trusted nor parsed: operators define its body themselves.

Reasons of `Refused`: `no_webhook_secret`, `wrong_signature`.
"""

import hashlib
import hmac

from opsconductor.connector.post import Post
from opsconductor.errors import Refused

SIGNATURE = "x-hook-signature"


def admit_head(head: Post, secret: str | None) -> None:
    """Check before reading the body that there is a secret and a signature; raises Refused."""
    if secret is None:
        raise Refused("no_webhook_secret", "webhook_secret is not configured, so posts are refused here", 403)
    if not head.headers.get(SIGNATURE, "").strip():
        raise Refused("wrong_signature", "X-Hook-Signature is missing", 401)


def admit(post: Post, secret: str | None) -> None:
    """Check that a post is signed with `webhook_secret`; raises Refused.

    Source:
        NetBox, Webhooks: X-Hook-Signature is the HMAC-SHA512 of the body in hexadecimal.
    """
    admit_head(post, secret)
    assert secret is not None
    expected = hmac.new(secret.encode(), post.body, hashlib.sha512).hexdigest()
    given = post.headers.get(SIGNATURE, "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise Refused("wrong_signature", "X-Hook-Signature does not match body and webhook_secret", 401)
