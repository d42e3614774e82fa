"""What PRTG answers, and how it says no: by status, by a redirect, or with HTTP 200 and a page of HTML."""

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
"""Bytes of an answer in which a reason is looked for."""
REMEDIES = {
    401: "api_token, or username and passhash, is not accepted (the passhash changes with the password)",
    403: "the user has no right to this: to read, or for acknowledge_back to acknowledge",
    404: "there is no PRTG at this url, or no API v2 switched on",
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
    """One answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def beginning(self) -> str:
        """The first bytes as text."""
        return self.body[:LOOKED_AT].decode("utf-8", "replace")


class Blot:
    """Takes our own credentials out of texts: PRTG repeats the request in some of its errors."""

    def __init__(self, config: PrtgConfig) -> None:
        secrets = [
            secret.get_secret_value() for secret in (config.api_token, config.passhash) if secret is not None
        ]
        self._secrets = {form for text in secrets for form in (text, quote(text, safe=""), quote_plus(text))}

    def __call__(self, text: str) -> str:
        """Copy a text without them, without HTML, as one short line."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text_of(_SECRET.sub(r"\1=***", text))[:LONGEST_EXCERPT]


def refusal_in(
    answer: PrtgAnswer, place: str, blot: Blot, *, is_order: bool = False
) -> Unreachable | Rejected | None:
    """Find out whether an answer says no; None: it does not.

    Args:
        is_order: A redirect into PRTG's pages is how it says yes, and a page of HTML is no fault.
    """
    if 300 <= answer.status < 400:  # noqa: PLR2004 - redirects, RFC 9110 section 15.4
        return _refusal_by_redirect(answer, place, blot, is_order=is_order)
    if answer.status != 200:  # noqa: PLR2004
        told = ": ".join(filter(None, (_reason_in(answer, blot), REMEDIES.get(answer.status, ""))))
        return failure_of(place, answer.status, told, answer.headers.get("Retry-After", ""))
    text = answer.beginning
    if _REASONS[1].search(text) or _REASONS[0].search(text):
        return Rejected(f"{place} says no: {_reason_in(answer, blot)}")
    if text.lstrip().startswith("<") and _LOGIN_PAGE.search(text):
        return Unreachable(f"{place} answers with its login page: {REMEDIES[401]}")
    return None


def document_in(answer: PrtgAnswer, place: str, blot: Blot) -> object:
    """Read the JSON of an answer.

    Raises:
        Unreachable: It is none, or only half of one.
    """
    if answer.beginning.lstrip().startswith("<"):
        raise Unreachable(f"{place} answers with a page instead of JSON: {_reason_in(answer, blot)}")
    try:
        return json.loads(answer.body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        raise Unreachable(f"{place} answers with JSON that is broken or cut off") from None


def total_in(answer: PrtgAnswer) -> int | None:
    """Read how many objects API v2 has in all."""
    return int_of(answer.headers.get("X-Total-Count"))


def _refusal_by_redirect(
    answer: PrtgAnswer, place: str, blot: Blot, *, is_order: bool
) -> Unreachable | Rejected | None:
    location = answer.headers.get("Location", "")
    try:
        target = urlsplit(location)
    except ValueError:  # brackets that are not those of an IPv6 address
        return Rejected(f"{place} redirects to what is no address: {blot(location)}")
    if target.path.rpartition("/")[2].casefold() == "error.htm":
        reason = parse_qs(target.query).get("errormsg", [""])[0]
        return Rejected(f"{place} says no: {blot(reason)}")
    if _LOGIN.search(target.path):
        return Unreachable(f"{place} wants a login: {REMEDIES[401]}")
    if is_order and not _goes_elsewhere(location, place):
        return None
    whereto = f"{target.scheme}://{target.netloc}" if target.netloc else blot(target.path)
    return Rejected(f"{place} redirects to {blot(whereto)}: put the final address into url")


def _goes_elsewhere(location: str, place: str) -> bool:
    """Tell whether a redirect leaves the server, as the one from HTTP to HTTPS does."""
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
