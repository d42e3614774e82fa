-- Without accounts; keys that have only scopes of their own, and sessions of users, go.

DROP TABLE password_links;
DELETE FROM sessions WHERE api_key_id IS NULL;
DROP INDEX sessions_user;
ALTER TABLE sessions
    DROP COLUMN idle,
    DROP COLUMN ends_at,
    DROP COLUMN remote_ip;

DELETE FROM api_keys WHERE roles = '{}';
UPDATE api_keys SET scopes = roles;
ALTER TABLE api_keys
    DROP COLUMN roles,
    DROP COLUMN quota_per_minute,
    DROP COLUMN created_by;

DROP INDEX users_username_lower;
ALTER TABLE users DROP COLUMN password_changed_at;

UPDATE roles SET description = CASE name
        WHEN 'admin' THEN 'Everything, including connectors, rules, users and keys.'
        WHEN 'operator' THEN 'See everything; acknowledge, resolve, assign and comment alerts.'
        ELSE description END,
    permissions = CASE name
        WHEN 'admin' THEN ARRAY['read', 'operate', 'configure', 'administer', 'report']
        WHEN 'operator' THEN ARRAY['read', 'operate', 'report']
        WHEN 'viewer' THEN ARRAY['read']
        WHEN 'reporter' THEN ARRAY['report']
        ELSE '{}' END;
