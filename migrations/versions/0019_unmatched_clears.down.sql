-- Without counts of clears that ended no alert; the loss ledger keeps their sums.

DROP TABLE unmatched_clears;
