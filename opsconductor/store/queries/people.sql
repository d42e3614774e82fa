-- name: people
-- Users with their contact methods.
SELECT username AS name, display_name, time_zone, contact_methods, enabled FROM users ORDER BY username;

-- name: teams
-- Teams.
SELECT name, members FROM teams ORDER BY name;

-- name: schedules
-- On-call schedules, without overrides.
SELECT name, time_zone, layers FROM schedules ORDER BY name;

-- name: escalation_policies
-- Escalation policies.
SELECT name, steps, repeat, repeat_after, acknowledgement_expires FROM escalation_policies ORDER BY name;

-- name: overrides
-- Overrides of schedules.
SELECT schedule, person, begins_at, ends_at, position FROM schedule_overrides ORDER BY position;
