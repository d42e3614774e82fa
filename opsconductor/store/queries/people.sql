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

-- name: add_override
-- Inserts an override of schedule $1: person $2 from $3 to $4, entered by $5.
INSERT INTO schedule_overrides (schedule, person, begins_at, ends_at, created_by)
VALUES ($1, $2, $3, $4, left($5, 100))
RETURNING id;

-- name: list_overrides
-- Overrides that end after $1.
SELECT id, schedule, person, begins_at, ends_at, created_by
FROM schedule_overrides
WHERE ends_at > $1
ORDER BY begins_at, position;

-- name: delete_override
-- Deletes override $1.
DELETE FROM schedule_overrides WHERE id = $1 RETURNING schedule, person;
