-- a list: empty, or of an earlier version until the daemon starts; an object: encrypted with the vault's key
ALTER TABLE users ADD CONSTRAINT users_contact_methods_check
    CHECK (jsonb_typeof(contact_methods) IN ('array', 'object'));
