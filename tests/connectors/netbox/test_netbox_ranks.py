"""The ranks of roles: how those without one are named."""

from collections import Counter

from connectors.netbox.dependencies.ranks import named_roles


def test_equally_frequent_roles_are_named_in_the_same_order_always() -> None:
    """The order in which devices were read, which following the changelog changes, makes no difference."""
    roles = ["rare", "shelf", "panel", "shelf", "panel"]
    assert named_roles(Counter(roles)) == named_roles(Counter(reversed(roles)))
    assert named_roles(Counter(roles)) == "panel (2), shelf (2), rare (1)"
