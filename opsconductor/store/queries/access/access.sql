-- name: create_key
-- Adds a key and records it in the audit log; returns no row when the name is taken or a role does not exist.
WITH made AS (
    INSERT INTO api_keys (name, prefix, hash, roles, scopes, expires_at, quota_per_minute, created_by, row_filter)
    SELECT $1, $2, $3, $4::text[], $5::text[], $6, $7, $8, $10::jsonb
    WHERE $4::text[] <@ ARRAY(SELECT roles.name::text FROM roles)
    ON CONFLICT (name) DO NOTHING
    RETURNING id, name, prefix, roles, scopes, expires_at, quota_per_minute, row_filter
), noted AS (
    INSERT INTO audit_log (actor, action, subject, remote_ip, details)
    SELECT $8, 'key.create', name, $9,
           jsonb_build_object('after', to_jsonb(made) - 'id' - 'name')
    FROM made
)
SELECT id FROM made;

-- name: unknown_roles
-- Those of $1 that are no roles.
SELECT name FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT roles.name FROM roles);

-- name: list_keys
-- All keys, the newest last; never their hashes.
SELECT name, prefix, roles, scopes, expires_at, quota_per_minute, last_used_at, created_at, created_by, row_filter
FROM api_keys
ORDER BY created_at, name;

-- name: revoke_key
-- Removes a key and, by cascade, the sessions that were opened with it; records it in the audit log.
WITH gone AS (
    DELETE FROM api_keys WHERE name = $1
    RETURNING id, name, prefix, roles, scopes, expires_at, quota_per_minute, row_filter
), noted AS (
    INSERT INTO audit_log (actor, action, subject, remote_ip, details)
    SELECT $2, 'key.revoke', name, $3, jsonb_build_object('before', to_jsonb(gone) - 'id' - 'name') FROM gone
)
SELECT id FROM gone;

-- name: find_key
-- The principal of a key, unless it has expired, and whether its use is to be recorded: at most once a minute.
WITH of_key AS (
    SELECT api_keys.id AS key_id, api_keys.name, user_id, roles, expires_at, quota_per_minute, scopes,
           last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_touch_due,
           api_keys.row_filter AS key_filter, users.row_filter AS user_filter, false AS must_enrol
    FROM api_keys LEFT JOIN users ON users.id = api_keys.user_id
    WHERE hash = $1 AND (expires_at IS NULL OR expires_at > now()) AND (user_id IS NULL OR users.enabled)
), given AS (
    SELECT unnest(scopes) AS permission FROM of_key
    UNION
    SELECT unnest(roles.permissions) FROM of_key JOIN roles ON roles.name = ANY(of_key.roles)
), of_user AS (
    SELECT unnest(roles.permissions) AS permission
    FROM of_key JOIN user_roles USING (user_id) JOIN roles ON roles.id = user_roles.role_id
)
SELECT key_id, name, user_id, roles, expires_at, quota_per_minute, is_touch_due, scopes, key_filter, user_filter,
       must_enrol,
       'local' AS origin,
       ARRAY(SELECT permission FROM given
             WHERE user_id IS NULL OR permission IN (SELECT permission FROM of_user)) AS permissions,
       to_jsonb(ARRAY(SELECT jsonb_build_object('permissions', permissions, 'rows', row_filter)
                      FROM roles WHERE roles.name = ANY (of_key.roles))) AS role_rows,
       to_jsonb(ARRAY(SELECT jsonb_build_object('permissions', permissions, 'rows', row_filter)
                      FROM user_roles JOIN roles ON roles.id = user_roles.role_id
                      WHERE user_roles.user_id = of_key.user_id)) AS owner_rows
FROM of_key;

-- name: touch_key
-- Records the use of a key.
UPDATE api_keys SET last_used_at = now() WHERE hash = $1;

-- name: open_session
-- A browser's session of a key or a user; what has expired goes at the same time.
WITH expired AS (DELETE FROM sessions WHERE expires_at <= now())
INSERT INTO sessions (hash, api_key_id, user_id, idle, ends_at, expires_at, remote_ip)
VALUES ($1, $2, $3, $4, now() + $5::interval,
        least(now() + $4::interval, now() + $5::interval), $6);

-- name: find_session
-- The principal of a session, and whether its use is to be recorded: at most once a minute.
WITH session AS (
    SELECT api_keys.id AS key_id, coalesce(api_keys.name, users.username) AS name,
           coalesce(sessions.user_id, api_keys.user_id) AS user_id, api_keys.quota_per_minute,
           least(api_keys.expires_at, sessions.ends_at) AS expires_at,
           coalesce(api_keys.roles, ARRAY(
               SELECT roles.name::text FROM user_roles JOIN roles ON roles.id = user_roles.role_id
               WHERE user_roles.user_id = sessions.user_id ORDER BY roles.name)) AS roles,
           coalesce(api_keys.scopes, '{}') AS scopes,
           sessions.last_seen_at < now() - interval '1 minute' AS is_touch_due,
           CASE WHEN api_keys.id IS NULL THEN users.origin ELSE 'local' END AS origin,
           api_keys.user_id AS owner_id, api_keys.row_filter AS key_filter, users.row_filter AS user_filter,
           sessions.user_id IS NOT NULL AND users.origin IN ('local', 'ldap') AND users.totp_confirmed_at IS NULL
           AND NOT EXISTS (SELECT FROM passkeys WHERE passkeys.user_id = users.id)
           AND EXISTS (SELECT FROM user_roles JOIN roles ON roles.id = user_roles.role_id
                       WHERE user_roles.user_id = users.id AND roles.requires_second_factor) AS must_enrol
    FROM sessions
    LEFT JOIN api_keys ON api_keys.id = sessions.api_key_id
    LEFT JOIN users ON users.id = coalesce(sessions.user_id, api_keys.user_id)
    WHERE sessions.hash = $1 AND sessions.expires_at > now()
      AND (api_keys.expires_at IS NULL OR api_keys.expires_at > now())
      AND (users.id IS NULL OR users.enabled)
)
SELECT key_id, name, user_id, roles, expires_at, quota_per_minute, is_touch_due, scopes, key_filter, user_filter,
       must_enrol,
       origin,
       ARRAY(SELECT permission
             FROM (SELECT unnest(scopes) AS permission UNION
                   SELECT unnest(roles.permissions) FROM roles WHERE roles.name = ANY (session.roles)) AS given
             WHERE owner_id IS NULL OR permission IN (
                 SELECT unnest(roles.permissions) FROM user_roles JOIN roles ON roles.id = user_roles.role_id
                 WHERE user_roles.user_id = owner_id)) AS permissions,
       to_jsonb(ARRAY(SELECT jsonb_build_object('permissions', permissions, 'rows', row_filter)
                      FROM roles WHERE roles.name = ANY (session.roles))) AS role_rows,
       to_jsonb(ARRAY(SELECT jsonb_build_object('permissions', permissions, 'rows', row_filter)
                      FROM user_roles JOIN roles ON roles.id = user_roles.role_id
                      WHERE user_roles.user_id = session.owner_id)) AS owner_rows
FROM session;

-- name: touch_session
-- Records the use of a session, which extends it.
UPDATE sessions SET last_seen_at = now(), expires_at = least(now() + idle, ends_at) WHERE hash = $1;

-- name: list_sessions
-- The sessions of key $1 or, without one, of user $2; $3: the hash of the one that asks.
SELECT id, created_at, last_seen_at, expires_at, remote_ip, hash = $3 AS is_this
FROM sessions
WHERE expires_at > now()
  AND CASE WHEN $1::uuid IS NULL THEN user_id = $2::uuid ELSE api_key_id = $1 END
ORDER BY last_seen_at DESC, id;

-- name: list_all_sessions
-- All open sessions and their owners; $1: the hash of the one that asks.
SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.remote_ip, s.hash = $1 AS is_this,
    coalesce(u.username, k.name) AS owner, s.api_key_id IS NOT NULL AS is_key,
    coalesce(
        ARRAY(SELECT r.name::text FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = s.user_id),
        '{}'
    ) || coalesce(k.roles, '{}') AS roles,
    coalesce(k.scopes, '{}') AS scopes
FROM sessions s
LEFT JOIN users u ON u.id = s.user_id
LEFT JOIN api_keys k ON k.id = s.api_key_id
WHERE s.expires_at > now()
ORDER BY s.last_seen_at DESC, s.id;

-- name: end_session
-- Ends the session $1.
DELETE FROM sessions WHERE id = $1;

-- name: close_session
-- Ends a session.
DELETE FROM sessions WHERE hash = $1;

-- name: close_sessions
-- Ends the sessions of key $1 or, without one, of user $2.
DELETE FROM sessions
WHERE CASE WHEN $1::uuid IS NULL THEN user_id = $2::uuid ELSE api_key_id = $1 END
RETURNING id;
