-- name: list
-- All roles by name, or the one named $1.
SELECT name, description, permissions, row_filter, requires_second_factor,
       (SELECT count(*) FROM user_roles WHERE role_id = roles.id)
       + (SELECT count(*) FROM api_keys WHERE roles.name = ANY (api_keys.roles)) AS holders
FROM roles
WHERE $1::text IS NULL OR name = $1
ORDER BY name;

-- name: create
-- Adds a role; returns no row when the name is taken.
INSERT INTO roles (name, description, permissions, row_filter) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: change
-- Replaces what role $1 is.
UPDATE roles SET description = $2, permissions = $3, row_filter = $4 WHERE name = $1;

-- name: require_second_factor
-- Sets whether users with role $1 need a second factor.
UPDATE roles SET requires_second_factor = $2 WHERE name = $1;

-- name: delete
-- Removes role $1.
DELETE FROM roles WHERE name = $1;
