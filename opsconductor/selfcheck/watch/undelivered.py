"""Text of the alert about notifications that were given up; pure."""

from opsconductor.store.notifications.undelivered import Undelivered

GIVEN_UP = "application_notifications_given_up"
"""Type of the alert; given-up notifications about it raise no further alert, so that it cannot loop."""


def text_of(undelivered: Undelivered) -> str:
    """Return what was not delivered, why, and the remedy."""
    what = " on ".join(part for part in (undelivered.title, undelivered.device) if part)
    return (
        f"{_many(undelivered.amount, 'notification')} over {undelivered.channel} to"
        f" {_many(undelivered.recipients, 'recipient')} were given up and never arrived, the latest about"
        f" {what or 'an alert'}: {undelivered.error}. Correct the recipients in the rules or the"
        f" configuration of the channel, and test it: opsconductor connectors check {undelivered.channel}."
        f" Send them again: opsconductor channels resend --channel {undelivered.channel}."
        " It clears when a recipient is reached again."
    )


def _many(amount: int, word: str) -> str:
    return f"{amount:,} {word}{'' if amount == 1 else 's'}"
