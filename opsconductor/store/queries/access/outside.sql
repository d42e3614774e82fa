-- name: find
-- The user of an account: by its lasting identity, or by its name when an administrator has handed it over.
SELECT username FROM users
WHERE origin = $1 AND (origin_id = $2 OR (origin_id IS NULL AND lower(username) = lower($3)))
ORDER BY origin_id NULLS LAST
LIMIT 1;

-- name: create
-- Adds the user of an account; returns no row when the name is taken.
INSERT INTO users (username, display_name, email, origin, origin_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: update
-- Takes over what the account says of user $1.
UPDATE users SET display_name = $2, email = $3, origin_id = $4
WHERE id = $1 AND (display_name, email, origin_id) IS DISTINCT FROM ($2, $3, $4);

-- name: close_sessions
-- Ends the sessions of user $1.
DELETE FROM sessions WHERE user_id = $1;
