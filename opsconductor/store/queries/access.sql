-- name: create_key
-- Adds a key and records it in the audit log; returns no row when the name is taken or the role does
-- not exist.
WITH made AS (
    INSERT INTO api_keys (name, prefix, hash, scopes, expires_at)
    SELECT $1, $2, $3, ARRAY[roles.name], $5
    FROM roles
    WHERE roles.name = $4
    ON CONFLICT (name) DO NOTHING
    RETURNING id, name, prefix, scopes, expires_at
), noted AS (
    INSERT INTO audit_log (actor, action, subject, details)
    SELECT $6, 'key.create', name,
           jsonb_build_object('prefix', prefix, 'roles', scopes, 'expires_at', expires_at)
    FROM made
)
SELECT id FROM made;

-- name: list_keys
-- All keys, the newest last; never their hashes.
SELECT name, prefix, scopes, expires_at, last_used_at, created_at
FROM api_keys
ORDER BY created_at, name;

-- name: revoke_key
-- Removes a key and, by cascade, the sessions that were opened with it; records it in the audit log.
WITH gone AS (
    DELETE FROM api_keys WHERE name = $1 RETURNING id, name, prefix
), noted AS (
    INSERT INTO audit_log (actor, action, subject, details)
    SELECT $2, 'key.revoke', name, jsonb_build_object('prefix', prefix) FROM gone
)
SELECT id FROM gone;

-- name: find_key
-- The principal of a key, unless it has expired, and whether its use is to be recorded: at most once a minute.
SELECT id AS key_id, name, user_id, scopes AS roles, expires_at,
       ARRAY(SELECT DISTINCT unnest(roles.permissions) FROM roles
             WHERE roles.name = ANY(scopes)) AS permissions,
       last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_touch_due
FROM api_keys
WHERE hash = $1 AND (expires_at IS NULL OR expires_at > now());

-- name: touch_key
-- Records the use of a key.
UPDATE api_keys SET last_used_at = now() WHERE hash = $1;

-- name: open_session
-- A browser's session under a key; what has expired goes at the same time.
WITH expired AS (DELETE FROM sessions WHERE expires_at <= now())
INSERT INTO sessions (hash, api_key_id, expires_at)
VALUES ($1, $2, now() + $3::interval);

-- name: find_session
-- The principal of a session, and whether its use is to be recorded: at most once a minute.
SELECT api_keys.id AS key_id, api_keys.name, api_keys.user_id, api_keys.scopes AS roles,
       api_keys.expires_at,
       ARRAY(SELECT DISTINCT unnest(roles.permissions) FROM roles
             WHERE roles.name = ANY(api_keys.scopes)) AS permissions,
       sessions.last_seen_at < now() - interval '1 minute' AS is_touch_due
FROM sessions JOIN api_keys ON api_keys.id = sessions.api_key_id
WHERE sessions.hash = $1 AND sessions.expires_at > now()
  AND (api_keys.expires_at IS NULL OR api_keys.expires_at > now());

-- name: touch_session
-- Records the use of a session, which extends it.
UPDATE sessions SET last_seen_at = now(), expires_at = now() + $2::interval WHERE hash = $1;

-- name: close_session
-- Ends a session.
DELETE FROM sessions WHERE hash = $1;

-- name: audit
-- Records a log-in, a log-out or a failed attempt, with the address.
INSERT INTO audit_log (actor, action, subject, details, remote_ip) VALUES ($1, $2, $3, $4, $5);
