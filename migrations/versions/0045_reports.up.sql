-- Reports about a period (docs/reports.md). The content is the document; HTML, PDF and CSV are made of it on request.
CREATE TABLE maintenance_reports (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    report_type     varchar(10) NOT NULL CHECK (report_type IN ('daily', 'weekly', 'monthly')),
    generated_time  timestamptz NOT NULL DEFAULT now(),
    scope_kind      varchar(10) NOT NULL CHECK (scope_kind IN ('all', 'site', 'device')),
    scope_value     varchar(255) NOT NULL DEFAULT '',
    period_begin    timestamptz NOT NULL,
    period_end      timestamptz NOT NULL,
    content         jsonb NOT NULL,
    metrics_summary jsonb NOT NULL DEFAULT '{}',
    recommendations jsonb NOT NULL DEFAULT '[]',
    requested_by    varchar(100) NOT NULL DEFAULT '',
    owner           uuid,                       -- user or key that asked for it; null: the daemon
    row_filter      jsonb NOT NULL DEFAULT '[]', -- what the owner was limited to
    CONSTRAINT maintenance_reports_period CHECK (period_begin < period_end)
);
CREATE INDEX maintenance_reports_listed ON maintenance_reports (generated_time DESC, id DESC);
CREATE INDEX maintenance_reports_owner ON maintenance_reports (owner, generated_time DESC) WHERE owner IS NOT NULL;
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON maintenance_reports
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- One row for each report that a schedule makes, or that a user requests. A schedule makes each period once.
CREATE TABLE report_jobs (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    schedule      varchar(100) NOT NULL DEFAULT '',
    report_type   varchar(10) NOT NULL CHECK (report_type IN ('daily', 'weekly', 'monthly')),
    period_begin  timestamptz NOT NULL,
    period_end    timestamptz NOT NULL,
    status        varchar(10) NOT NULL DEFAULT 'processing' CHECK (status IN ('processing', 'completed', 'failed')),
    error_message text NOT NULL DEFAULT '',
    report_id     uuid REFERENCES maintenance_reports ON DELETE SET NULL,
    requested_by  varchar(100) NOT NULL DEFAULT '',
    channel       varchar(50) NOT NULL DEFAULT '',
    recipients    text[] NOT NULL DEFAULT '{}', -- those who do not have it yet
    attempts      integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz
);
CREATE UNIQUE INDEX report_jobs_once ON report_jobs (schedule, period_begin) WHERE schedule <> '';
CREATE INDEX report_jobs_report ON report_jobs (report_id) WHERE report_id IS NOT NULL;
CREATE INDEX report_jobs_undelivered ON report_jobs (created_at) WHERE recipients <> '{}';
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON report_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- Measures of a device over the period of a report. Null: not measured.
CREATE TABLE performance_metrics (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    report_id           uuid NOT NULL REFERENCES maintenance_reports ON DELETE CASCADE,
    device_key          varchar(255) NOT NULL,
    device_name         varchar(255) NOT NULL,
    calculation_time    timestamptz NOT NULL,
    average_load        float8,
    average_temperature float8,
    average_vibration   float8,
    uptime_percentage   float8 CHECK (uptime_percentage BETWEEN 0 AND 100),
    anomaly_count       integer NOT NULL DEFAULT 0,
    efficiency_rating   float8,
    ml_model_version    varchar(50)
);
CREATE INDEX performance_metrics_report ON performance_metrics (report_id);
CREATE INDEX performance_metrics_device ON performance_metrics (device_key, calculation_time DESC);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON performance_metrics
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- The open alerts of a device at a time; a row when they have changed since the row before.
CREATE TABLE state_snapshots (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    device_key    varchar(255) NOT NULL,
    snapshot_time timestamptz NOT NULL DEFAULT now(),
    state_data    jsonb NOT NULL
);
CREATE INDEX state_snapshots_device ON state_snapshots (device_key, snapshot_time DESC);
CREATE INDEX state_snapshots_time ON state_snapshots (snapshot_time);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON state_snapshots
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
