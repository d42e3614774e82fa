-- The second factor of users: the secret of TOTP (RFC 6238), encrypted as the vault is, and recovery codes.

ALTER TABLE users
    ADD COLUMN totp_secret bytea,
    ADD COLUMN totp_confirmed_at timestamptz,
    ADD COLUMN totp_step bigint NOT NULL DEFAULT 0,  -- of the latest code that was used; none is used twice
    ADD COLUMN recovery_hashes text[] NOT NULL DEFAULT '{}';  -- SHA-256 of codes with 80 random bits
