-- Mappings may depend on the values of variables, and say where they come from. `conditions` and
-- `clear_conditions` are lists of {"varbind": NAME or OID, TEST: VALUE, ...}; `cases` is a list of
-- {"when": CONDITIONS, COLUMN: VALUE, ...}.

ALTER TABLE oid_mappings
    ADD COLUMN conditions jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(conditions) = 'array'),
    ADD COLUMN cases jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(cases) = 'array'),
    ADD COLUMN clear_conditions jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(clear_conditions) = 'array'),
    ADD COLUMN more_resources text[] NOT NULL DEFAULT '{}',
    ADD COLUMN origin varchar(10) NOT NULL DEFAULT 'own' CHECK (origin IN ('own', 'derived')),
    DROP CONSTRAINT oid_mappings_unique,
    ADD CONSTRAINT oid_mappings_unique UNIQUE NULLS NOT DISTINCT (oid_pattern, vendor, conditions, origin);
