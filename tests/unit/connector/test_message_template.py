"""Templates of messages: tried with every kind of message when they are configured."""

import pytest

from opsconductor.connector.outgoing.samples import FACT_NAMES, SAMPLES, SEVERAL, sample_facts, sample_of
from opsconductor.connector.outgoing.template import BodyTemplate, TemplateForm
from opsconductor.engine.notifications import facts_of
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.render import Renderer
from opsconductor.store.notifications.outbox import Claimed
from tests.support.store.stored import an_alert

PROBLEM = sample_of(NotificationKind.PROBLEM)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("one\n{% if %}", r"a Jinja2 template \(line 2: Expected an expression"),
        ("one\n\n{{ alert.titel }}", r"kind problem: line 3: .*no attribute 'titel'"),
        ("{{ alert.old_severity.upper() }}", r"kind problem: line 1: 'None' has no attribute 'upper'"),
        (
            "a\n{% if kind == 'summary' %}\n{{ nothing }}{% endif %}",
            r"kind summary: line 3: 'nothing' is und",
        ),
        (
            "{{ alert.site.upper() if kind not in ('summary', 'maintenance') }}",
            r"kind problem: line 1: 'None' has no",
        ),
        ("{{ ''.__class__.__mro__ }}", "kind problem: line 1: access to attribute '__class__'"),
        ("{% for a in range(10000000) %}{% endfor %}", "kind problem: line 1: Range too big"),
        ("x" * 20_001, "at most 20000 characters"),
    ],
)
def test_a_template_that_fails_with_any_kind_is_refused(text: str, reason: str) -> None:
    """The error has the kind, the line and the reason, also where only a sparse alert fails."""
    with pytest.raises(ValueError, match=reason):
        BodyTemplate(text, TemplateForm.TEXT)


def test_known_facts_that_a_message_lacks_are_none() -> None:
    """A summary has no device: a template that asks for one is no fault."""
    template = BodyTemplate("{{ alert.device_name or 'several' }}", TemplateForm.TEXT)
    assert template.render(PROBLEM) == "core-sw1"
    assert template.render(sample_of(NotificationKind.SUMMARY)) == "several"


def test_html_is_escaped_except_what_is_html_already() -> None:
    """Text of a device is escaped; the default HTML can be included in a template."""
    shown = BodyTemplate("{{ alert.message }}{{ html }}", TemplateForm.HTML).render(PROBLEM)
    assert "&lt;down&gt;" in shown
    assert shown.endswith("<p>A message</p>")


def test_the_samples_match_the_engine() -> None:
    """Every fact of an alert has its name, every kind its sample, and the default texts render them."""
    assert set(facts_of(an_alert(), NotificationKind.PROBLEM)) <= set(FACT_NAMES)
    assert set(SEVERAL) <= set(FACT_NAMES)
    assert {each.kind for each in SAMPLES} == set(NotificationKind)
    for kind in NotificationKind:
        sample = sample_of(kind)
        claimed = Claimed(
            id=sample.id,
            alert_id=sample.alert_id,
            rule_name=sample.rule_name,
            channel="mail",
            recipient="noc",
            kind=kind,
            facts=sample_facts(kind),
            created_at=sample.created_at,
            attempt=1,
        )
        assert set(sample_facts(kind)) <= set(FACT_NAMES)
        assert Renderer(None).render(claimed).html
