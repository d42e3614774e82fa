"""Configuration of the channel to Microsoft Teams."""

from pydantic import Field, HttpUrl

from opsconductor.connector.outgoing.own_texts import MessageOptions


class MsTeamsConfig(MessageOptions):
    """Workflow that posts to a channel or chat."""

    url: HttpUrl = Field(repr=False)
    """Address of a workflow with the trigger "When a Teams webhook request is received". It contains a
    signature and is a secret: give it by reference.
    """
