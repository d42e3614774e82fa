-- The loss ledger: the outcome of every message, and the times without counting.

CREATE TABLE daemon_runs (
    id           uuid PRIMARY KEY,
    host         varchar(255) NOT NULL,
    version      varchar(50) NOT NULL,
    started_at   timestamptz NOT NULL,
    -- until then the counts of this run are complete
    seen_at      timestamptz NOT NULL,
    -- null: it runs, or it has ended without a word
    stopped_at   timestamptz,
    -- systemd had the ports: the kernel kept what came before the start
    kept_sockets boolean NOT NULL DEFAULT false
);
CREATE INDEX daemon_runs_started ON daemon_runs (started_at);

CREATE TABLE loss_ledger (
    minute    timestamptz NOT NULL,
    run_id    uuid NOT NULL REFERENCES daemon_runs ON DELETE CASCADE,
    -- name of a connector; empty for spans without counting
    connector varchar(50) NOT NULL,
    stage     varchar(30) NOT NULL,
    reason    varchar(100) NOT NULL DEFAULT '',
    -- messages or alerts; `waiting` is a level, `down` and `unknown` are seconds, a `gap` may be negative
    amount    bigint NOT NULL,
    PRIMARY KEY (minute, run_id, connector, stage, reason)
);
CREATE INDEX loss_ledger_run ON loss_ledger (run_id);
