"""People who are notified: contact methods, teams, on-call schedules and escalation policies."""
