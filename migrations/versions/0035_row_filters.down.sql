-- Without row filters all users see all alerts; users from outside become local ones without a password.

ALTER TABLE users DROP COLUMN origin_id, DROP COLUMN origin, DROP COLUMN row_filter;
DROP INDEX alerts_closed_custom_fields;
ALTER TABLE roles DROP COLUMN row_filter;
ALTER TABLE api_keys DROP COLUMN row_filter;
