"""From facts about a notification to a mapping, with reasons and a confidence."""
