-- name: space
-- How many bytes the tables $1 have with their indexes, each as often as it is named; how many of WAL PostgreSQL
-- keeps; and its folder, if it is asked over a socket, so on this host, by one who may read the setting.
SELECT
    (SELECT coalesce(sum(pg_total_relation_size(leaf.relid)), 0)::bigint
     FROM unnest($1::text[]) AS named (name)
     CROSS JOIN LATERAL pg_partition_tree(to_regclass(named.name)) AS leaf
     WHERE leaf.isleaf) AS bytes,
    pg_size_bytes(current_setting('max_wal_size')) AS wal_bytes,
    (SELECT setting FROM pg_settings WHERE name = 'data_directory' AND inet_server_addr() IS NULL) AS folder;
