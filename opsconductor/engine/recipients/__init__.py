"""Recipients of rules: persons, teams, schedules, escalations, and what is notified later."""
