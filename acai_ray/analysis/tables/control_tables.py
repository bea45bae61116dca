"""Tables of what the numbers are compared with: controls, and the same metrics from smaller samples."""

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.columns import measured
from acai_ray.analysis.compare.controls import controls
from acai_ray.analysis.compare.sensitivity import sensitivity
from acai_ray.analysis.compare.table1 import COLUMNS
from acai_ray.analysis.tables.table import Table, shown
from acai_ray.analysis.wording import MISSING, clean, number
from acai_ray.protocol.primary import PRIMARY

OF_REPORT = ("Mean Distance (m)", "Precision (m)", "Recall (m)")
"""The columns of the report's Table I that the controls are shown in, beside ANCI."""

STEMS = {
    **{metric.title: metric.column for metric in PRIMARY},
    "ANCI": "anci",
    **{name: COLUMNS[name] for name in OF_REPORT},
    "prior coverage": "prior_coverage",
    "path density": "path_density",
    "path Fréchet (m²)": "path_frechet_m2",
    "prior Fréchet (m²)": "prior_frechet_m2",
}
"""The metrics of the controls: heading, and `summary()` column without the split."""


def control_levels(analysis: Analysis) -> Table:
    """What each primary metric and each metric of the report gives without ACAI."""
    levels = controls(analysis)
    columns = {heading: column for heading, stem in STEMS.items() if (column := measured(levels, stem))}
    settings = [shown("d", "latent_dim"), shown("control", "label", str), shown("runs", "runs", str)]
    metrics = [shown(heading, column) for heading, column in columns.items()]
    frame = levels[["latent_dim", "control", "label", "runs", *columns.values()]]
    return Table("controls", "Controls", frame, [*settings, *metrics])


def sample_sizes(analysis: Analysis) -> Table:
    """Every metric at shares of its sample sizes, relative to its value at the full sizes."""
    values = sensitivity(analysis)
    keys = ["latent_dim", "metric"]
    frame = values[values["fraction"] == 1][[*keys, "n", "n_reference", "value"]]
    columns = [
        shown("d", "latent_dim"),
        shown("metric", "metric", clean),
        shown("n", "n", _count),
        shown("compared with", "n_reference", _count),
        shown("value", "value"),
    ]
    for fraction in sorted(values.loc[values["fraction"] < 1, "fraction"].unique()):
        part = f"{1 / fraction:.0f}"
        relative = values[values["fraction"] == fraction].set_index(keys)["relative"]
        frame = frame.join(relative.rename(f"relative_at_1_{part}"), on=keys)
        columns.append(shown(f"at 1/{part}", f"relative_at_1_{part}", _times))
    return Table("sample_sizes", "Metrics at smaller sample sizes, relative to the full ones", frame, columns)


def _count(value: float) -> str:
    return f"{value:,.0f}" if value else MISSING


def _times(value: float) -> str:
    return f"× {number(value, 3)}"
