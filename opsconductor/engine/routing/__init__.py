"""Evaluation of notification rules for an alert, with the reason; pure."""
