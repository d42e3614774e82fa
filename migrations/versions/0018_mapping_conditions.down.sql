-- Without mappings that an earlier version cannot apply: derived ones, and those that depend on conditions.

DELETE FROM oid_mappings WHERE origin <> 'own' OR conditions <> '[]';

ALTER TABLE oid_mappings
    DROP CONSTRAINT oid_mappings_unique,
    DROP COLUMN conditions,
    DROP COLUMN cases,
    DROP COLUMN clear_conditions,
    DROP COLUMN more_resources,
    DROP COLUMN origin,
    ADD CONSTRAINT oid_mappings_unique UNIQUE NULLS NOT DISTINCT (oid_pattern, vendor);
