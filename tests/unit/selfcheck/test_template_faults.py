"""A failing template is an alert of the daemon on itself until it renders again."""

from dataclasses import replace

from opsconductor.connector.outgoing.samples import sample_of
from opsconductor.connector.outgoing.template_faults import FAILING, TemplateFaults
from opsconductor.model.enums import NotificationKind, Severity
from opsconductor.selfcheck.watch.templates import troubles_of_templates

SAMPLE = sample_of(NotificationKind.PROBLEM)
OVER = sample_of(NotificationKind.RECOVERY)
ITSELF = replace(SAMPLE, facts={**SAMPLE.facts, "alert_type": FAILING})


def test_a_template_fails_until_it_renders_the_same_kind() -> None:
    """A success with another kind proves nothing; another channel is another alert."""
    faults = TemplateFaults()
    report = faults.renew("mail")
    report(SAMPLE, "'missing' is undefined")
    report(OVER, "")
    faults.note("hook", SAMPLE, "no JSON", is_own=False)
    hook, mail = troubles_of_templates(faults.present())
    assert (mail.alert_type, mail.severity, mail.resource) == (FAILING, Severity.MAJOR, "channel=mail")
    assert "(kinds: problem), the latest because: 'missing' is undefined. Correct the" in mail.message
    assert "Please report it" in hook.message
    report(SAMPLE, "")
    assert [each.channel for each in faults.present()] == ["hook"]


def test_the_default_template_does_not_hide_the_channels_own() -> None:
    """Each message is rendered with both: a success of one does not clear the other."""
    faults = TemplateFaults()
    faults.renew("mail")(SAMPLE, "fails")
    faults.note("mail", SAMPLE, "", is_own=False)
    assert len(faults.present()) == 1


def test_a_message_about_the_alert_itself_changes_nothing() -> None:
    """Otherwise the alert would end itself, and begin again with the next message."""
    faults = TemplateFaults()
    report = faults.renew("mail")
    report(SAMPLE, "fails")
    report(ITSELF, "")
    assert len(faults.present()) == 1
    report(replace(ITSELF, kind=NotificationKind.WORSE), "fails")
    assert len(faults.present()) == 1


def test_a_channel_that_is_built_again_or_removed_has_no_faults() -> None:
    """Its template may be another one now."""
    faults = TemplateFaults()
    faults.renew("mail")(SAMPLE, "fails")
    faults.renew("mail")
    assert faults.present() == ()
    faults.note("mail", SAMPLE, "fails", is_own=False)
    faults.forget("mail")
    assert faults.present() == ()
