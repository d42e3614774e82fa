"""Configuration of the Apprise channel."""

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

from opsconductor.connector.outgoing.own_texts import MessageTemplates


class AppriseOutConfig(BaseModel):
    """Address of the receiver in the form of Apprise."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    url: SecretStr
    """URL of Apprise (`signal://...`, `pover://...`), which contains credentials: give it by reference."""

    templates: MessageTemplates | None = None
    """Templates of your own. Null (default): the texts of OpsConductor."""

    @field_validator("url")
    @classmethod
    def _url_is_one(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        if not text.startswith("${") and "://" not in text:
            raise ValueError("expected a URL of Apprise such as pover://USER@TOKEN")
        return url
