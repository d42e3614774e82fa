"""Configuration of the Gotify channel."""

from pydantic import HttpUrl, SecretStr

from opsconductor.connector.outgoing.own_texts import MessageOptions


class GotifyConfig(MessageOptions):
    """Server and application."""

    url: HttpUrl
    """Address of the server, with its path if it has one."""

    token: SecretStr
    """Token of the application, which determines who gets the messages; give it by reference."""
