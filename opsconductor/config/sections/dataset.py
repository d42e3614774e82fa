"""Settings of uploaded datasets and their analyses."""

from pydantic import Field

from opsconductor.config.section import Section
from opsconductor.connector.settings.duration import PositiveDuration, parse_duration

MIB = 1024 * 1024
GIB = 1024 * MIB


class DatasetSettings(Section):
    """Uploaded datasets: what they may use of this host."""

    upload_bytes: int = Field(default=GIB, ge=1, le=64 * GIB)
    """Maximum size of one uploaded file. 1 GiB: a hundred million values."""

    owner_bytes: int = Field(default=5 * GIB, ge=1)
    """Maximum size of all files of one user or API key."""

    total_bytes: int = Field(default=20 * GIB, ge=1)
    """Maximum size of the files of all; what is read of them takes up to half as much again."""

    free_bytes: int = Field(default=2 * GIB, ge=0)
    """What an upload must leave free on the disk of `data_dir`. 2 GiB: the spool and PostgreSQL may be on it,
    and alerts are more important than datasets."""

    upload_time: PositiveDuration = parse_duration("24h")
    """After this time an incomplete upload is deleted. 24h: it can be resumed the next morning."""

    parallel_jobs: int = Field(default=1, ge=1, le=16)
    """Jobs that read or analyse at a time, each in a process with low priority. 1: of two processors one
    stays free."""

    job_memory: int = Field(default=GIB, ge=256 * MIB)
    """Bytes of memory that a job may use; one that needs more fails. 1 GiB: 2,000 columns, however many
    rows."""
