"""No recipient gets more messages than the limit allows, and waiting alerts are sent in time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from opsconductor.engine.grouping.allowance import URGENT_EVERY
from opsconductor.model.changes import NotificationIntent
from opsconductor.model.notifications.policy import ChannelPolicy, RecipientLimit

SAME_STEP = timedelta(milliseconds=1)
"""Rows of one step have times that differ by microseconds."""


def check_limits(
    new: Sequence[NotificationIntent],
    sent: Sequence[NotificationIntent],
    policies: Mapping[str, ChannelPolicy],
) -> None:
    """Check the messages of the latest step, the last of all sent ones."""
    begin = len(sent) - len(new)  # all since the clock was last set
    latest = {(each.channel, each.recipient): begin + number for number, each in enumerate(new)}
    for (channel, _), number in latest.items():
        limit = policies[channel].limit if channel in policies else None
        if limit is not None:
            _check(sent[: number + 1], limit)


def _check(sent: Sequence[NotificationIntent], limit: RecipientLimit) -> None:
    """Check the messages that precede one within the window; a clock that was set back begins anew."""
    last, times = sent[-1], list[NotificationIntent]()
    for each in reversed(sent):
        if (each.channel, each.recipient) != (last.channel, last.recipient):
            continue
        if times and each.created_at > times[-1].created_at:
            break
        if last.created_at - each.created_at >= limit.within - SAME_STEP:
            break
        times.append(each)
    summaries = sum(bool(each.facts.get("is_limit")) for each in times)
    assert len(times) - summaries <= limit.messages, "more messages than the limit allows"
    assert summaries <= limit.within / min(limit.summary_every, URGENT_EVERY) + 1, "too many summaries"
