-- name: list
-- All users by name, or the one named $1; never their passwords.
SELECT id, username, display_name, email, enabled, last_login_at, created_at, origin, row_filter,
       password_hash IS NOT NULL AS has_password, totp_confirmed_at IS NOT NULL AS has_second_factor,
       (SELECT count(*) FROM passkeys WHERE passkeys.user_id = users.id) AS passkeys,
       users.origin IN ('local', 'ldap') AND EXISTS (
           SELECT FROM user_roles JOIN roles ON roles.id = user_roles.role_id
           WHERE user_roles.user_id = users.id AND roles.requires_second_factor) AS requires_second_factor,
       ARRAY(SELECT roles.name::text FROM user_roles JOIN roles ON roles.id = user_roles.role_id
             WHERE user_roles.user_id = users.id ORDER BY roles.name) AS roles
FROM users
WHERE $1::text IS NULL OR lower(username) = lower($1)
ORDER BY lower(username);

-- name: role_names
-- The names of all roles.
SELECT name::text FROM roles;

-- name: set_rows
-- Limits user $1 to some rows; NULL: to none.
UPDATE users SET row_filter = $2 WHERE id = $1;

-- name: has_users
-- Whether any user can log in with a password.
SELECT EXISTS (SELECT FROM users WHERE password_hash IS NOT NULL);

-- name: create
-- Adds a user; returns no row when the name is taken.
INSERT INTO users (username, display_name, email, password_hash, password_changed_at)
SELECT $1, $2, $3, $4, CASE WHEN $4::text IS NULL THEN NULL ELSE now() END
ON CONFLICT DO NOTHING
RETURNING id;

-- name: set_roles
-- Gives user $1 the roles $2 and no others.
WITH gone AS (
    DELETE FROM user_roles USING roles
    WHERE user_roles.user_id = $1 AND roles.id = user_roles.role_id AND roles.name <> ALL ($2::text[])
)
INSERT INTO user_roles (user_id, role_id)
SELECT $1, id FROM roles WHERE name = ANY ($2::text[])
ON CONFLICT DO NOTHING;

-- name: change
-- Changes what is given of user $1.
UPDATE users SET
    display_name = coalesce($2, display_name),
    email = coalesce($3, email),
    enabled = coalesce($4, enabled),
    password_hash = coalesce($5, password_hash),
    password_changed_at = CASE WHEN $5::text IS NULL THEN password_changed_at ELSE now() END
WHERE id = $1;

-- name: take_over
-- Keeps that $2 has taken user $1 over from the file that declares it: it would undo that the user is disabled.
WITH declared AS (
    SELECT id, username, provisioned_from FROM users WHERE id = $1 AND starts_with(provisioned_from, '/')
),
kept AS (
    INSERT INTO taken_over (table_name, key, origin, taken_by)
    SELECT 'people', jsonb_build_array(username), provisioned_from, $2 FROM declared
    ON CONFLICT (table_name, md5(key::text)) DO UPDATE SET
        origin = EXCLUDED.origin, taken_by = EXCLUDED.taken_by, taken_at = EXCLUDED.taken_at
)
UPDATE users SET provisioned_from = NULL FROM declared WHERE users.id = declared.id;

-- name: has_administrator
-- Whether an enabled user with a password may administer users.
SELECT EXISTS (
    SELECT FROM users JOIN user_roles ON user_roles.user_id = users.id
    JOIN roles ON roles.id = user_roles.role_id
    WHERE users.enabled AND users.password_hash IS NOT NULL AND 'users:write' = ANY (roles.permissions)
);

-- name: find_password
-- The password's hash of an enabled user.
SELECT password_hash FROM users
WHERE lower(username) = lower($1) AND enabled AND password_hash IS NOT NULL;

-- name: note_login
-- Records that a user has logged in.
UPDATE users SET last_login_at = now() WHERE id = $1;

-- name: close_sessions
-- Ends the sessions of user $1.
DELETE FROM sessions WHERE user_id = $1;

-- name: create_link
-- Adds a link by which user $1, or the first administrator, chooses a password; earlier ones end.
WITH gone AS (
    DELETE FROM password_links WHERE user_id IS NOT DISTINCT FROM $1::uuid OR expires_at <= now()
)
INSERT INTO password_links (hash, user_id, created_by, expires_at) VALUES ($2, $1, $3, now() + $4::interval);

-- name: find_link
-- The user of a link; no row when there is none.
SELECT users.username FROM password_links LEFT JOIN users ON users.id = user_id
WHERE hash = $1 AND expires_at > now() AND (user_id IS NULL OR users.enabled);

-- name: use_link
-- Removes a link that is used; returns no row when there is none.
DELETE FROM password_links WHERE hash = $1 AND expires_at > now() RETURNING user_id;

-- name: name_of
-- The name of user $1.
SELECT username FROM users WHERE id = $1 AND enabled;

-- name: find_totp
-- The encrypted secret of user $1.
SELECT totp_secret FROM users WHERE id = $1;

-- name: begin_totp
-- Stores a secret of user $1 that is to be confirmed.
UPDATE users SET totp_secret = $2 WHERE id = $1 AND totp_confirmed_at IS NULL;

-- name: confirm_totp
-- Asks user $1 for a code from now on.
UPDATE users SET totp_confirmed_at = now(), totp_step = $2, recovery_hashes = $3
WHERE id = $1 AND totp_confirmed_at IS NULL AND totp_secret IS NOT NULL;

-- name: use_step
-- Uses the code of step $2, once.
UPDATE users SET totp_step = $2 WHERE id = $1 AND totp_step < $2 RETURNING id;

-- name: use_recovery
-- Uses a recovery code; returns how many are left, no row when it is none.
UPDATE users SET recovery_hashes = array_remove(recovery_hashes, $2)
WHERE id = $1 AND $2 = ANY (recovery_hashes)
RETURNING cardinality(recovery_hashes);

-- name: remove_totp
-- Lets user $1 log in with the password alone.
UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, recovery_hashes = '{}' WHERE id = $1;

-- name: remove_factors
-- Lets user $1 log in with the password alone; returns the number of passkeys that are gone.
WITH gone AS (DELETE FROM passkeys WHERE user_id = $1 RETURNING id),
changed AS (
    UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, recovery_hashes = '{}' WHERE id = $1
)
SELECT count(*) FROM gone;

-- name: hand_over
-- Makes $2 the origin of user $1; there is no password here then, and no second factor.
WITH gone AS (DELETE FROM passkeys WHERE user_id = $1)
UPDATE users SET origin = $2, origin_id = NULL, password_hash = NULL, password_changed_at = NULL,
    totp_secret = NULL, totp_confirmed_at = NULL, recovery_hashes = '{}'
WHERE id = $1;
