"""The Parquet tables of a study: an atomic write and a strict read.

A study is a folder. Each table is a sub-folder with one file per trial, replaced as a whole, so that a reader never
sees half a file and writing again never adds a second row. `schema` has their columns, `session` the lock.
"""

from acai_ray.store.damage import Damage
from acai_ray.store.folders import studies
from acai_ray.store.results import Results, load, read, read_study
from acai_ray.store.schema import SCHEMA_VERSION, SCHEMAS, SETTINGS, TABLES, metric_name
from acai_ray.store.session import Session, lock
from acai_ray.store.writing import write

__all__ = [
    "SCHEMAS",
    "SCHEMA_VERSION",
    "SETTINGS",
    "TABLES",
    "Damage",
    "Results",
    "Session",
    "load",
    "lock",
    "metric_name",
    "read",
    "read_study",
    "studies",
    "write",
]
