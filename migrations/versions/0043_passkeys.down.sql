-- Without passkeys: users sign in with passwords and authenticator apps.

DROP TABLE passkeys;
