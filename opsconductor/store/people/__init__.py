"""Tables of people, and overrides of on-call schedules."""
