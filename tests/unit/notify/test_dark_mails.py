"""HTML mails are dark in a dark mail client: each class in use has its dark colours."""

import re

import pytest

from opsconductor.model.enums import NotificationKind
from tests.unit.notify.test_render import rendered


@pytest.mark.parametrize("kind", list(NotificationKind))
def test_every_class_has_dark_colours(kind: NotificationKind) -> None:
    """Otherwise a text would be dark on dark."""
    html = rendered(kind, custom_fields={"runbook": "https://wiki.example.net/"}).html
    used = {name for names in re.findall(r'class="([^"]*)"', html) for name in names.split()}
    styled = set(re.findall(r"^\.(\w+) \{", html, re.MULTILINE))
    assert used <= styled
    assert "page" in used
    assert '<meta name="color-scheme" content="light dark">' in html
