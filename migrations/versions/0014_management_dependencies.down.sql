-- Without dependencies that only say by what a device is managed.

DELETE FROM dependencies WHERE dependency_type = 'management';
ALTER TABLE dependencies
    DROP CONSTRAINT dependencies_dependency_type_check,
    ADD CONSTRAINT dependencies_dependency_type_check
        CHECK (dependency_type IN ('network', 'power', 'service'));
