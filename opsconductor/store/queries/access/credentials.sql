-- name: read
-- All entries of the vault, encrypted.
SELECT name, ciphertext FROM credentials;

-- name: list
-- The visible part of the vault's entries.
SELECT name, created_by, created_at, updated_at FROM credentials ORDER BY name;

-- name: write
-- Adds entries or replaces them.
INSERT INTO credentials (name, ciphertext, created_by)
SELECT name, ciphertext, $3 FROM unnest($1::text[], $2::bytea[]) AS entry (name, ciphertext)
ON CONFLICT (name) DO UPDATE SET ciphertext = EXCLUDED.ciphertext, created_by = EXCLUDED.created_by;

-- name: delete
-- Removes entries and returns those that existed.
DELETE FROM credentials WHERE name = ANY($1::text[]) RETURNING name;

-- name: check_key
-- The check of the vault's key; the first key used is stored as the right one.
INSERT INTO system_settings AS setting (key, value, updated_by) VALUES ('vault_key_check', $1, 'vault')
ON CONFLICT (key) DO UPDATE SET value = CASE
    WHEN EXISTS (SELECT FROM credentials)
      OR EXISTS (SELECT FROM users WHERE totp_secret IS NOT NULL OR jsonb_typeof(contact_methods) = 'object')
    THEN setting.value ELSE EXCLUDED.value END
RETURNING value;

-- name: audit
-- Records who has changed which entries.
INSERT INTO audit_log (actor, action, subject, remote_ip) SELECT $1, $2, unnest($3::text[]), $4;

-- name: lock
-- Keeps others from writing what a new key encrypts.
LOCK TABLE credentials, users IN SHARE ROW EXCLUSIVE MODE;

-- name: reseal
-- Replaces the ciphertexts of entries; who stored them stays.
UPDATE credentials SET ciphertext = fresh.ciphertext
FROM unnest($1::text[], $2::bytea[]) AS fresh (name, ciphertext)
WHERE credentials.name = fresh.name;

-- name: totp_secrets
-- Encrypted secrets of second factors.
SELECT id, totp_secret FROM users WHERE totp_secret IS NOT NULL;

-- name: reseal_totp
-- Replaces encrypted secrets of second factors.
UPDATE users SET totp_secret = fresh.ciphertext
FROM unnest($1::uuid[], $2::bytea[]) AS fresh (id, ciphertext)
WHERE users.id = fresh.id;

-- name: stored_check
-- The check of the vault's key.
SELECT value FROM system_settings WHERE key = 'vault_key_check';

-- name: set_key_check
-- Stores the check of a new key.
INSERT INTO system_settings (key, value, updated_by) VALUES ('vault_key_check', $1, 'vault')
ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value;
