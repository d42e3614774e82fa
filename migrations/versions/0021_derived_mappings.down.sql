-- Without derived mappings. Generic mappings are rows like those of the operator again; where he has one for the same
-- trap, only his stays.

DROP TABLE mib_mappings;
ALTER TABLE mib_modules DROP COLUMN mappings_digest;

DELETE FROM oid_mappings AS m
USING oid_mappings AS own
WHERE m.origin = 'pack' AND own.origin = 'own' AND own.oid_pattern = m.oid_pattern
  AND own.vendor IS NOT DISTINCT FROM m.vendor AND own.conditions = m.conditions;
UPDATE oid_mappings SET origin = 'own' WHERE origin = 'pack';
ALTER TABLE oid_mappings
    DROP CONSTRAINT oid_mappings_origin_check,
    ADD CONSTRAINT oid_mappings_origin_check CHECK (origin IN ('own', 'derived'));
