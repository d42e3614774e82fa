"""Framing of requests to the parser process and of its answers."""

import struct

PARSE, LINK = b"P", b"L"
REQUEST, ANSWER = struct.Struct(">cII"), struct.Struct(">I")
"""Kind, limit in seconds, length; and length."""

LENGTH = struct.Struct(">I")
"""Length of one of several forms in a request."""
