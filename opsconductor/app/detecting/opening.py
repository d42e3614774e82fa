"""Opens rules and detector over the series."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.detecting.live import LiveMeasurements
from opsconductor.app.detecting.lost import LostAnomalies
from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.app.detecting.pictures import AnomalyPictures
from opsconductor.app.detecting.reporting import AnomalyReporter
from opsconductor.app.detecting.task import DetectionParts, DetectionTask
from opsconductor.app.detecting.versions.evaluations import ModelEvaluations
from opsconductor.app.detecting.versions.live import DetectorModels
from opsconductor.app.detecting.versions.models import DetectorVersions
from opsconductor.detect.config import DetectorConfig
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.loop import PipelineLoop
from opsconductor.series.points import SeriesDescription
from opsconductor.series.series_store import SeriesStore
from opsconductor.thresholds.matching import WatchedSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Rules and detector: the tasks that run and evaluate them, and what the API asks of them."""

    task: DetectionTask
    models: DetectorModels
    evaluations: ModelEvaluations
    live: LiveMeasurements
    pictures: AnomalyPictures


async def open_detection(
    live: Runtime, series: SeriesStore, worker: PipelineLoop, intake: Intake
) -> Detection:
    """Build rules and detector; nothing runs yet.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """

    def find(series_id: int) -> WatchedSeries | None:
        known = series.registry.describe(series_id)
        return None if known is None else watched(known)

    settings = live.settings.detection
    versions = DetectorVersions(pool=live.pool, data_dir=live.settings.data_dir)
    zone = ZoneInfo(settings.time_zone).key
    config = await versions.put_in_production(DetectorConfig(zone=zone))
    task = DetectionTask(
        DetectionParts(
            pool=live.pool,
            feed=series.feed,
            watch=MeasurementWatch(find, settings, config),
            reporter=AnomalyReporter(
                live.pool,
                intake.put,
                lambda: live.configuration.inventory,
                lambda: worker.stages.engine.open,
            ),
            rules=lambda: live.configuration.alert_rules,
            inventory=lambda: live.configuration.inventory,
            data_dir=live.settings.data_dir,
            checkpoint_every_s=settings.checkpoint_every.total_seconds(),
            lost=LostAnomalies(live.pool),
        )
    )
    measurements = LiveMeasurements(
        task=task,
        series=series,
        inventory=lambda: live.configuration.inventory,
        find=find,
    )
    pictures = AnomalyPictures(live.pool, measurements.plot)
    evaluations = ModelEvaluations(pool=live.pool, series=series, data_dir=live.settings.data_dir, zone=zone)
    return Detection(
        task=task,
        models=DetectorModels(versions=versions, evaluations=evaluations, adopt=task.adopt),
        evaluations=evaluations,
        live=measurements,
        pictures=pictures,
    )


def watched(known: SeriesDescription) -> WatchedSeries:
    """Return what rules see of a series."""
    return WatchedSeries(
        id=known.id,
        device=known.device,
        device_name=known.device_name or "",
        metric=known.metric,
        resource=known.resource,
        unit=known.unit,
        created_at=known.created_at.timestamp(),
    )
