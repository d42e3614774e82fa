"""Alerts on templates of messages that fail; pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from opsconductor.connector.outgoing.template_faults import FAILING, TemplateFault
from opsconductor.model.enums import Severity
from opsconductor.model.text import without_placeholders
from opsconductor.selfcheck.watch.trouble import Trouble


def troubles_of_templates(faults: Sequence[TemplateFault]) -> Iterable[Trouble]:
    """Yield one alert for each channel whose templates fail."""
    for channel, found in groupby(sorted(faults, key=lambda each: each.channel), lambda each: each.channel):
        failing = tuple(found)
        kinds = ", ".join(sorted({str(each.kind) for each in failing}))
        yield Trouble(
            alert_type=FAILING,
            severity=Severity.MAJOR,
            title=f"Template Fails - {without_placeholders(channel)}",
            message=f"Messages over {channel} are sent without their template (kinds: {kinds}), the latest"
            f" because: {failing[-1].error}. {_remedy(failing[-1])}",
            resource=f"channel={channel}",
        )


def _remedy(fault: TemplateFault) -> str:
    if fault.is_own:
        return "Correct the template in the configuration of the channel, then: opsconductor reload."
    return "Please report it: it is a fault of OpsConductor."
