-- A device may need another one only to be managed.

ALTER TABLE dependencies
    DROP CONSTRAINT dependencies_dependency_type_check,
    ADD CONSTRAINT dependencies_dependency_type_check
        CHECK (dependency_type IN ('network', 'power', 'service', 'management'));
