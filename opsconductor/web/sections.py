"""The sections of the page, in the order of the navigation."""

from dataclasses import dataclass

from opsconductor.store.access.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSection:
    """A section of the page, under the address `/NAME`.

    Attributes:
        name: Also the folder of its module, `static/sections/NAME/section.js`, and its icon,
            `templates/icons/NAME.svg`.
        needs: Permission without which it is not shown.
        is_whole: It is about all devices: not shown if the permission extends to some rows only.
    """

    name: str
    title: str
    needs: Permission
    is_whole: bool = False


ALERTS = PageSection(name="alerts", title="Alerts", needs="alerts:read")
"""Part of the template, so that it is painted first; `/` leads to it too."""

SECTIONS = (
    ALERTS,
    PageSection(name="overview", title="Overview", needs="alerts:read"),
    PageSection(name="devices", title="Devices", needs="alerts:read"),
    PageSection(name="measurements", title="Metrics", needs="alerts:read"),
    PageSection(name="connectors", title="Connectors", needs="config:read", is_whole=True),
    PageSection(name="mappings", title="Mappings", needs="config:read", is_whole=True),
    PageSection(name="notifications", title="Notifications", needs="alerts:read"),
    PageSection(name="datasets", title="Datasets", needs="datasets:read"),
    PageSection(name="system", title="System", needs="system:read", is_whole=True),
    PageSection(name="reports", title="Reports", needs="alerts:read"),
    PageSection(name="wall", title="Wall", needs="alerts:read"),
)
