-- Maintenance windows that recur (RFC 5545): rule, time zone and length of an occurrence. One that is ended early
-- ends at `cut_at`.

ALTER TABLE maintenance_windows
    ADD COLUMN recurring jsonb,
    ADD COLUMN cut_at timestamptz,
    ADD CONSTRAINT maintenance_windows_cut_is_finite CHECK (isfinite(cut_at)),
    ADD CONSTRAINT maintenance_windows_end CHECK (end_at IS NOT NULL OR recurring IS NOT NULL);
