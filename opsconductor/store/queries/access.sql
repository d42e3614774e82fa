-- name: create_key
-- Adds a key and says so in the audit log; no row comes back when the name is taken or the role does
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
-- Removes a key and, by cascade, the sessions that were opened with it; says so in the audit log.
WITH gone AS (
    DELETE FROM api_keys WHERE name = $1 RETURNING id, name, prefix
), noted AS (
    INSERT INTO audit_log (actor, action, subject, details)
    SELECT $2, 'key.revoke', name, jsonb_build_object('prefix', prefix) FROM gone
)
SELECT id FROM gone;

-- name: find_key
-- Who a key stands for, unless it has expired; notes its use at most once a minute.
WITH found AS (
    SELECT id, name, user_id, scopes, expires_at, last_used_at
    FROM api_keys
    WHERE hash = $1 AND (expires_at IS NULL OR expires_at > now())
), touched AS (
    UPDATE api_keys SET last_used_at = now()
    FROM found
    WHERE api_keys.id = found.id
      AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute')
)
SELECT found.id AS key_id, found.name, found.user_id, found.scopes AS roles,
       ARRAY(SELECT DISTINCT unnest(roles.permissions) FROM roles
             WHERE roles.name = ANY(found.scopes)) AS permissions
FROM found;

-- name: open_session
-- A browser's session under a key; what has expired goes at the same time.
WITH expired AS (DELETE FROM sessions WHERE expires_at <= now())
INSERT INTO sessions (hash, api_key_id, expires_at)
VALUES ($1, $2, now() + $3::interval);

-- name: find_session
-- Who a session stands for; its end moves with its use, at most once a minute.
WITH found AS (
    SELECT sessions.id, sessions.last_seen_at, api_keys.id AS key_id, api_keys.name,
           api_keys.user_id, api_keys.scopes
    FROM sessions JOIN api_keys ON api_keys.id = sessions.api_key_id
    WHERE sessions.hash = $1 AND sessions.expires_at > now()
      AND (api_keys.expires_at IS NULL OR api_keys.expires_at > now())
), touched AS (
    UPDATE sessions SET last_seen_at = now(), expires_at = now() + $2::interval
    FROM found
    WHERE sessions.id = found.id AND found.last_seen_at < now() - interval '1 minute'
)
SELECT found.key_id, found.name, found.user_id, found.scopes AS roles,
       ARRAY(SELECT DISTINCT unnest(roles.permissions) FROM roles
             WHERE roles.name = ANY(found.scopes)) AS permissions
FROM found;

-- name: close_session
-- Ends a session.
DELETE FROM sessions WHERE hash = $1;

-- name: audit
-- Keeps who came in or failed to, and from where.
INSERT INTO audit_log (actor, action, subject, details, remote_ip) VALUES ($1, $2, $3, $4, $5);
