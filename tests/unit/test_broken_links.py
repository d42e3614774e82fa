"""An invalid URL in an answer of another system is reported as a fault of that system."""

import pytest

from connectors.netbox.client import Session
from connectors.netbox.config import NetboxConfig
from connectors.netbox.failures import translated
from connectors.prtg.answer import Blot, PrtgAnswer, refusal_in
from connectors.prtg.config import PrtgConfig
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import Rejected

TOKEN = "t" * 40


@pytest.mark.parametrize("location", ["http://[bad/", "//[", f"http://[?apitoken={TOKEN}"])
def test_prtg_redirects_to_an_invalid_url(location: str) -> None:
    """A redirect of PRTG to an invalid URL is a refusal that names the reason and shows no secret."""
    config = PrtgConfig.model_validate({"url": "https://prtg.example", "api_token": TOKEN})
    answer = PrtgAnswer(status=302, headers={"Location": location}, body=b"")
    refusal = refusal_in(answer, config.place, Blot(config), is_order=True)
    assert isinstance(refusal, Rejected)
    assert "invalid address" in str(refusal)
    assert TOKEN not in str(refusal)


def test_netbox_names_a_next_page_with_an_invalid_url() -> None:
    """A NetBox page whose next link is no URL is refused as an invalid answer."""
    config = NetboxConfig.model_validate({"url": "https://netbox.example", "token": TOKEN})
    with pytest.raises(Rejected, match="not NetBox's"), translated(config.place):
        Session(config, Destinations()).get("http://[bad/api/?offset=50")
