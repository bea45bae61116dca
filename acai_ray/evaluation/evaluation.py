"""What an evaluation gives: rows of the store's tables."""

from dataclasses import dataclass, field

from acai_ray.evaluation.metric_rows import Row, name_of


@dataclass(frozen=True)
class Evaluation:
    """Rows of the tables `metrics`, `curves`, `subjects` and `gallery`, without `run_id`."""

    metrics: list[Row] = field(default_factory=list)
    curves: list[Row] = field(default_factory=list)
    subjects: list[Row] = field(default_factory=list)
    gallery: list[Row] = field(default_factory=list)

    def objective(self, name: str) -> float | None:
        """The value of a metric by its `store.metric_name`, for the largest reference set; None if it is not there."""
        rows = [row for row in self.metrics if name_of(row) == name]
        return max(rows, key=lambda row: row["n_reference"])["value"] if rows else None
