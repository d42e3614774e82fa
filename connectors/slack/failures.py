"""Errors of Slack's Web API, which come with HTTP status 200."""

from collections.abc import Mapping
from datetime import timedelta

from opsconductor.errors import Rejected, Unreachable

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
"""The message of the problem cannot be updated any more: the next one begins anew."""

PASSING = frozenset({
    "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
    "team_added_to_org", "accesslimited", "message_limit_exceeded",
})  # fmt: skip

REPAIRABLE: Mapping[str, str] = {
    "invalid_auth": "check bot_token",
    "not_authed": "check bot_token",
    "account_inactive": "the bot's account is deactivated: reinstall the app and set bot_token",
    "token_revoked": "reinstall the app and set bot_token",
    "token_expired": "renew bot_token",
    "missing_scope": "give the app the scope chat:write and reinstall it",
    "no_permission": "give the app the scope chat:write and reinstall it",
    "not_allowed_token_type": "bot_token must be that of a bot (xoxb-)",
}
"""Not caused by the message: it is tried again until the access is corrected."""

REMEDIES: Mapping[str, str] = {
    "channel_not_found": "check the channel; a private one must have invited the bot",
    "not_in_channel": "invite the bot to the channel, or give the app the scope chat:write.public",
    "is_archived": "the channel is archived: change the rule's recipients",
}


def failure_of_error(method: str, error: str, retry_after: timedelta | None) -> Unreachable | Rejected:
    """Return the error that a word in Slack's answer means."""
    text = f"Slack answers {method} with {error}"
    if error in REPAIRABLE:
        return Unreachable(f"{text}: {REPAIRABLE[error]}", retry_after=retry_after)
    if error in PASSING:
        return Unreachable(text, retry_after=retry_after)
    return Rejected(f"{text}: {REMEDIES[error]}" if error in REMEDIES else text)
