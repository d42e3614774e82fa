-- name: list
-- The views of the owner (user $1 or key $2), then those that others share; each by name.
SELECT saved_views.id, saved_views.name, query, is_shared, owned AS is_own,
       coalesce(users.username, api_keys.name) AS owner
FROM saved_views
LEFT JOIN users ON users.id = saved_views.user_id
LEFT JOIN api_keys ON api_keys.id = saved_views.key_id
CROSS JOIN LATERAL (
    SELECT coalesce(saved_views.user_id = $1, false) OR coalesce(saved_views.key_id = $2, false) AS owned) AS mine
WHERE owned OR is_shared
ORDER BY owned DESC, saved_views.name, saved_views.id;

-- name: save
-- Saves view $3 of user $1 or key $2; replaces theirs of that name. None if they have $6 others already.
INSERT INTO saved_views (user_id, key_id, name, query, is_shared)
SELECT $1::uuid, $2::uuid, $3::varchar, $4::text, $5::boolean
WHERE (SELECT count(*) FROM saved_views AS others
       WHERE (user_id = $1 OR key_id = $2) AND others.name <> $3) < $6::bigint
ON CONFLICT (user_id, key_id, name) DO UPDATE SET query = EXCLUDED.query, is_shared = EXCLUDED.is_shared
RETURNING id;

-- name: delete
-- Deletes view $3 of user $1 or key $2.
DELETE FROM saved_views WHERE id = $3 AND (user_id = $1 OR key_id = $2) RETURNING id;
