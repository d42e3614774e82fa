-- Without a second factor: users sign in with the password alone.

ALTER TABLE users
    DROP COLUMN totp_secret,
    DROP COLUMN totp_confirmed_at,
    DROP COLUMN totp_step,
    DROP COLUMN recovery_hashes;
