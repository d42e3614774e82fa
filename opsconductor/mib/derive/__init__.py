"""Derive mappings, with reasons and a confidence, from facts about notifications."""
