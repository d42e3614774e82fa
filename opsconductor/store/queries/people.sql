-- name: people
-- Users with their contact methods.
SELECT username AS name, display_name, time_zone, contact_methods, enabled FROM users ORDER BY username;

-- name: plain_methods
-- Contact methods that are not encrypted.
SELECT username AS name, contact_methods AS methods FROM users
WHERE jsonb_typeof(contact_methods) = 'array' AND contact_methods <> '[]'
FOR UPDATE;

-- name: sealed_methods
-- Contact methods that are encrypted.
SELECT username AS name, contact_methods AS methods FROM users
WHERE jsonb_typeof(contact_methods) = 'object'
FOR UPDATE;

-- name: replace_methods
-- Replaces contact methods.
UPDATE users SET contact_methods = fresh.methods
FROM jsonb_to_recordset($1::jsonb) AS fresh (name text, methods jsonb)
WHERE users.username = fresh.name;

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

-- name: import_overrides
-- Inserts or updates overrides of schedule $1 by their UIDs $2: persons $3 from $4 to $5, entered by $6. Returns the
-- UIDs of those that are not as they were.
INSERT INTO schedule_overrides (schedule, uid, person, begins_at, ends_at, created_by)
SELECT $1, each.uid, each.person, each.begins_at, each.ends_at, left($6, 100)
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    WITH ORDINALITY AS each (uid, person, begins_at, ends_at, place)
ORDER BY each.place
ON CONFLICT (schedule, uid) DO UPDATE
SET person = EXCLUDED.person, begins_at = EXCLUDED.begins_at, ends_at = EXCLUDED.ends_at
WHERE (schedule_overrides.person, schedule_overrides.begins_at, schedule_overrides.ends_at)
    IS DISTINCT FROM (EXCLUDED.person, EXCLUDED.begins_at, EXCLUDED.ends_at)
RETURNING uid, xmax = 0 AS is_new;

-- name: delete_imported
-- Deletes the overrides of schedule $1 with the UIDs $2.
DELETE FROM schedule_overrides WHERE schedule = $1 AND uid = ANY ($2::text[]) RETURNING uid;
