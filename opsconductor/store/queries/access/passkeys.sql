-- name: list
-- The passkeys of user $1, the oldest first.
SELECT id, name, credential_id, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY created_at, id;

-- name: find
-- The passkey with the credential id $1 and its user, who is enabled.
SELECT passkeys.id, passkeys.public_key, passkeys.sign_count, users.id AS user_id, users.username
FROM passkeys JOIN users ON users.id = passkeys.user_id
WHERE passkeys.credential_id = $1 AND users.enabled;

-- name: add
-- Adds a passkey of user $1; returns no row when the credential is known.
INSERT INTO passkeys (user_id, name, credential_id, public_key, sign_count) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
RETURNING id, name, credential_id, created_at, last_used_at;

-- name: count
-- The number of passkeys of user $1, whose row is locked against another addition at the same time.
SELECT (SELECT count(*) FROM passkeys WHERE user_id = users.id) FROM users WHERE id = $1 FOR UPDATE;

-- name: use
-- Stores the counter $2 of passkey $1; returns no row when another use was later.
UPDATE passkeys SET sign_count = $2, last_used_at = now()
WHERE id = $1 AND (sign_count < $2 OR sign_count = 0 AND $2 = 0)
RETURNING id;

-- name: rename
-- Names passkey $2 of user $1; returns it with the name that it had.
UPDATE passkeys SET name = $3
FROM (SELECT id, name FROM passkeys WHERE user_id = $1 AND id = $2 FOR UPDATE) AS before
WHERE passkeys.id = before.id
RETURNING passkeys.id, passkeys.name, credential_id, created_at, last_used_at, before.name AS name_before;

-- name: remove
-- Removes passkey $2 of user $1.
DELETE FROM passkeys WHERE user_id = $1 AND id = $2 RETURNING id, name, credential_id, created_at, last_used_at;
