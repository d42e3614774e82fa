DROP TABLE loss_ledger;
DROP TABLE daemon_runs;
