"""Test messages: marked, and closed again where they would stay open."""

from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import CheckResult
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification, Receipt
from opsconductor.notify.render import Renderer
from opsconductor.notify.trial import send_test


class Keeping:
    """A channel that keeps its messages and returns an id."""

    def __init__(self) -> None:
        self.given: list[Notification] = []

    async def send(self, notification: Notification) -> Receipt:
        """Keep the message."""
        self.given.append(notification)
        return Receipt(detail="taken", metadata={"number": len(self.given)})

    async def check(self) -> CheckResult:
        """Do nothing."""
        raise AssertionError

    async def close(self) -> None:
        """Do nothing."""
        raise AssertionError


async def test_a_test_message_is_marked_and_says_who_tests() -> None:
    """Its recipient sees at once that nothing is wrong."""
    channel = Keeping()
    sent = await send_test(
        channel, "mail", "ada", traits=ChannelTraits(), renderer=Renderer(None), by="grace"
    )
    [message] = channel.given
    assert sent == CheckResult(
        ok=True, message="mail has sent a test message to ada", details={"sent": "taken", "number": 1}
    )
    assert message.subject.startswith("[TEST] [INFO] Test of channel mail")
    assert message.recipient == "ada"
    assert "grace tests the channel mail. Nothing is wrong" in message.text


async def test_an_incident_of_a_test_is_closed_by_its_id() -> None:
    """An incident or ticket of a test does not remain."""
    channel = Keeping()
    traits = ChannelTraits(keeps_open=True)
    await send_test(channel, "pager", "", traits=traits, renderer=Renderer(None), by="grace")
    problem, recovery = channel.given
    assert (recovery.kind, recovery.alert_id) == (NotificationKind.RECOVERY, problem.alert_id)
    assert (recovery.earlier, recovery.id == problem.id) == ({"number": 1}, False)
    assert recovery.subject.startswith("[TEST] [RESOLVED]")
