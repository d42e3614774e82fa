-- name: page
-- A page of the rows that contain pattern $1 in one of some columns, in the order in which they are read.
SELECT * FROM (
{rows}
) AS row
WHERE $1::text = '%%' OR concat_ws(' ', {part}) ILIKE $1
LIMIT $2 OFFSET $3;

-- name: count
-- The number of all these rows.
SELECT count(*) FROM (
{rows}
) AS row
WHERE $1::text = '%%' OR concat_ws(' ', {part}) ILIKE $1;

-- name: one
-- The row that meets a condition of document $1.
SELECT * FROM (
{rows}
) AS row
WHERE $1::jsonb IS NOT NULL AND {part};
