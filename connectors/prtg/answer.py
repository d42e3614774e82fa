"""Answers of PRTG, which reports errors by status, by a redirect, or by HTTP 200 with an HTML page."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

from connectors.prtg.config import PrtgConfig
from connectors.prtg.reading import int_of, text_of
from opsconductor.connector.http import failure_of
from opsconductor.errors import Rejected, Unreachable

LONGEST_EXCERPT = 200
LOOKED_AT = 4_096
"""Bytes of an answer that are searched for a reason."""
REMEDIES = {
    401: "api_token, or username and passhash, is not accepted (the passhash changes with the password)",
    403: "the user lacks the right to read, or for acknowledge_back to acknowledge",
    404: "there is no PRTG at this url, or API v2 is not enabled",
}

_SECRET = re.compile(r"(username|passhash|password|apitoken)(=|%3d)[^&\s\"'<>]*", re.IGNORECASE)
_LOGIN = re.compile(r"/(public/)?login\b", re.IGNORECASE)
_LOGIN_PAGE = re.compile(r"loginurl|checklogin", re.IGNORECASE)
_REASONS = (
    re.compile(r"<error>(.*?)</error>", re.IGNORECASE | re.DOTALL),
    re.compile(r"class=[\"']?errormsg[\"']?[^>]*>(.*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrtgAnswer:
    """One complete answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def beginning(self) -> str:
        """The first bytes as text."""
        return self.body[:LOOKED_AT].decode("utf-8", "replace")


class Blot:
    """Redacts our own credentials in texts: some errors of PRTG repeat the request."""

    def __init__(self, config: PrtgConfig) -> None:
        secrets = [
            secret.get_secret_value() for secret in (config.api_token, config.passhash) if secret is not None
        ]
        self._secrets = {form for text in secrets for form in (text, quote(text, safe=""), quote_plus(text))}

    def __call__(self, text: str) -> str:
        """Return a text without credentials and without HTML, as one short line."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text_of(_SECRET.sub(r"\1=***", text))[:LONGEST_EXCERPT]


def refusal_in(
    answer: PrtgAnswer, place: str, blot: Blot, *, is_order: bool = False
) -> Unreachable | Rejected | None:
    """Return the error of an answer, or None if it succeeded.

    Args:
        is_order: The request is a command: PRTG confirms it by a redirect into its pages or an HTML page.
    """
    if 300 <= answer.status < 400:  # noqa: PLR2004 - redirects, RFC 9110 section 15.4
        return _refusal_by_redirect(answer, place, blot, is_order=is_order)
    if answer.status != 200:  # noqa: PLR2004
        reason = ": ".join(filter(None, (_reason_in(answer, blot), REMEDIES.get(answer.status, ""))))
        return failure_of(place, answer.status, reason, answer.headers.get("Retry-After", ""))
    text = answer.beginning
    if _REASONS[1].search(text) or _REASONS[0].search(text):
        return Rejected(f"{place} refuses: {_reason_in(answer, blot)}")
    if text.lstrip().startswith("<") and _LOGIN_PAGE.search(text):
        return Unreachable(f"{place} answers with its login page: {REMEDIES[401]}")
    return None


def document_in(answer: PrtgAnswer, place: str, blot: Blot) -> object:
    """Parse the JSON of an answer.

    Raises:
        Unreachable: It is not JSON, or truncated.
    """
    if answer.beginning.lstrip().startswith("<"):
        raise Unreachable(f"{place} answers with a page instead of JSON: {_reason_in(answer, blot)}")
    try:
        return json.loads(answer.body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        raise Unreachable(f"{place} answers with invalid or truncated JSON") from None


def total_in(answer: PrtgAnswer) -> int | None:
    """Return the total number of objects in an answer of API v2."""
    return int_of(answer.headers.get("X-Total-Count"))


def _refusal_by_redirect(
    answer: PrtgAnswer, place: str, blot: Blot, *, is_order: bool
) -> Unreachable | Rejected | None:
    location = answer.headers.get("Location", "")
    try:
        target = urlsplit(location)
    except ValueError:  # brackets that are not those of an IPv6 address
        return Rejected(f"{place} redirects to an invalid address: {blot(location)}")
    if target.path.rpartition("/")[2].casefold() == "error.htm":
        reason = parse_qs(target.query).get("errormsg", [""])[0]
        return Rejected(f"{place} refuses: {blot(reason)}")
    if _LOGIN.search(target.path):
        return Unreachable(f"{place} requires a login: {REMEDIES[401]}")
    if is_order and not _goes_elsewhere(location, place):
        return None
    whereto = f"{target.scheme}://{target.netloc}" if target.netloc else blot(target.path)
    return Rejected(f"{place} redirects to {blot(whereto)}: put the final address into url")


def _goes_elsewhere(location: str, place: str) -> bool:
    """Return True if a redirect leaves the server, as from HTTP to HTTPS."""
    target, ours = urlsplit(location), urlsplit(place)
    return bool(target.netloc) and (target.scheme, target.hostname) != (ours.scheme, ours.hostname)


def _reason_in(answer: PrtgAnswer, blot: Blot) -> str:
    text = answer.beginning
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return blot(text)
        return blot(" ".join(str(found.get(key, "")) for key in ("code", "message")))
    for pattern in _REASONS:
        match = pattern.search(text)
        if match:
            return blot(match[1])
    return blot(text)
