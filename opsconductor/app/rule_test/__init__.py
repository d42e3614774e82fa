"""Test of notification rules on what was really received, by the command line and by the API."""
