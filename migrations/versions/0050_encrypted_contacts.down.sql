-- earlier versions cannot decrypt: `opsconductor db downgrade` has done it, if it has the key
ALTER TABLE users DROP CONSTRAINT users_contact_methods_check;
UPDATE users SET contact_methods = '[]' WHERE jsonb_typeof(contact_methods) = 'object';
