"""Tables of measured values that are partitioned by time."""

from opsconductor.store.retention.partitions import Partitioned, day_start, month_start

BATCHES = Partitioned(table="metric_batches", column="at", name="y%Ym%md%d", ahead=2, start=day_start)
POINTS = Partitioned(table="data_points", column="start", name="y%Ym%md%d", ahead=2, start=day_start)
POINTS_5M = Partitioned(table="data_points_5m", column="start", name="y%Ym%md%d", ahead=2, start=day_start)
POINTS_1H = Partitioned(table="data_points_1h", column="start", name="y%Ym%m", ahead=2, start=month_start)
SERIES_TABLES = (BATCHES, POINTS, POINTS_5M, POINTS_1H)
