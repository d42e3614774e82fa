-- Imported MIB modules go; mappings that were derived of them stay.

DROP TABLE mib_objects;
DROP TABLE mib_notifications;
DROP TABLE mib_modules;
