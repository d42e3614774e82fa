"""Templates of messages: Jinja2 in a sandbox, compiled and tried when they are configured."""

import json
from collections.abc import Mapping
from enum import StrEnum
from traceback import walk_tb

from jinja2 import ChainableUndefined, StrictUndefined, TemplateError, TemplateSyntaxError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from opsconductor.connector.outgoing.runbook import runbook_of
from opsconductor.connector.outgoing.samples import FACT_NAMES, SAMPLES
from opsconductor.guard import guarded_data
from opsconductor.model.notifications.notification import Notification

LONGEST_TEMPLATE = 20_000
LONGEST_RESULT = 200_000
NO_FACTS = dict.fromkeys(FACT_NAMES)
FILE = "<template>"
"""What Jinja2 calls a template that is no file, in tracebacks."""


class TemplateForm(StrEnum):
    """What a template renders."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def _environment_of(form: TemplateForm, undefined: type[Undefined]) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=undefined,
        autoescape=form is TemplateForm.HTML,
        keep_trailing_newline=True,
        auto_reload=False,
        trim_blocks=form is not TemplateForm.JSON,
        lstrip_blocks=form is not TemplateForm.JSON,
    )


_ENVIRONMENTS = {form: _environment_of(form, StrictUndefined) for form in TemplateForm}
_LENIENT = {form: _environment_of(form, ChainableUndefined) for form in TemplateForm}
HINTS = {
    TemplateForm.TEXT: "write what some messages lack as {{ name | default('') }}",
    TemplateForm.HTML: "write what some messages lack as {{ name | default('') }}",
    TemplateForm.JSON: "write texts as {{ subject | tojson }}",
}


class BodyTemplate:
    """A compiled template.

    Args of the constructor:
        text: Jinja2.
        form: What it renders; JSON must be valid, HTML is escaped.

    Raises:
        ValueError: It is no template, or fails with one of the samples of messages of every kind.
    """

    def __init__(self, text: str, form: TemplateForm) -> None:
        if len(text) > LONGEST_TEMPLATE:
            raise ValueError(f"a template of at most {LONGEST_TEMPLATE} characters")
        try:
            self._template = _ENVIRONMENTS[form].from_string(text)
            self._lenient = _LENIENT[form].from_string(text)
        except TemplateSyntaxError as error:
            raise ValueError(f"a Jinja2 template (line {error.lineno}: {error.message})") from error
        self._form = form
        for sample in SAMPLES:
            try:
                self.render(sample)
            except ValueError as error:
                raise ValueError(
                    f"a template that renders every kind of message (kind {sample.kind}: {error})"
                ) from error

    def render(self, notification: Notification, *, is_lenient: bool = False) -> str:
        """Return the body; raises ValueError with line and reason if the template fails.

        Args:
            is_lenient: What the message lacks is left empty, and is no failure.
        """
        template = self._lenient if is_lenient else self._template
        with guarded_data(TemplateError) as rendering:
            text = template.render(values_of(notification))[:LONGEST_RESULT]
            if self._form is TemplateForm.JSON:
                json.loads(text)
        if (error := rendering.error) is not None:
            raise ValueError(f"{_line_of(error)}{error}; {HINTS[self._form]}") from error
        return text


def _line_of(error: BaseException) -> str:
    """Return the line of the template at which it failed, if that is known."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == FILE]
    return f"line {lines[-1]}: " if lines else ""


def values_of(notification: Notification) -> Mapping[str, object]:
    """Return what a template may use."""
    return {
        "id": str(notification.id),
        "alert_id": str(notification.alert_id),
        "kind": notification.kind.value,
        "attempt": notification.attempt,
        "created_at": notification.created_at.isoformat(),
        "rule": notification.rule_name,
        "recipient": notification.recipient,
        "subject": notification.subject,
        "text": notification.text,
        "html": Markup(notification.html),  # noqa: S704 - rendered with escaping
        "url": notification.url,
        "acknowledge_url": notification.acknowledge_url,
        "rows": notification.rows,
        "runbook": runbook_of(notification.facts)[1],
        "alert": {**NO_FACTS, **notification.facts},
    }
