-- Roles that require a second factor of the users who have them.

ALTER TABLE roles ADD COLUMN requires_second_factor boolean NOT NULL DEFAULT false;
