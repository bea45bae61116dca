"""Tables of what the numbers are held against: controls, and smaller samples."""

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.controls import controls
from acai_ray.analysis.compare.sensitivity import sensitivity
from acai_ray.analysis.compare.table1 import COLUMNS
from acai_ray.analysis.tables.table import Table, shown
from acai_ray.analysis.wording import MISSING, clean, number
from acai_ray.protocol.primary import PRIMARY, measured


def control_levels(analysis: Analysis) -> Table:
    """What each primary metric and each metric of the report gives without a trained model."""
    found = controls(analysis)
    stems = {m.title: m.column for m in PRIMARY} | {"ANCI": "anci"} | {k: COLUMNS[k] for k in list(COLUMNS)[4:]}
    stems |= {
        "prior coverage": "prior_coverage",
        "path density": "path_density",
        "path Fréchet (m²)": "path_frechet_m2",
        "prior Fréchet (m²)": "prior_frechet_m2",
    }
    chosen = {name: c for name, stem in stems.items() if (c := measured(found, stem))}
    columns = [
        shown("d", "latent_dim"),
        shown("control", "label", str),
        shown("runs", "runs", str),
        *(shown(name, column) for name, column in chosen.items()),
    ]
    return Table("controls", "Controls", found[["latent_dim", "control", "label", "runs", *chosen.values()]], columns)


def sample_sizes(analysis: Analysis) -> Table:
    """Every metric at shares of its sample sizes, relative to the whole."""
    found = sensitivity(analysis)
    keys = ["latent_dim", "metric"]
    frame = found[found["fraction"] == 1][[*keys, "n", "n_reference", "value"]]
    shares = {}
    for fraction in sorted(found.loc[found["fraction"] < 1, "fraction"].unique()):
        of_share = found[found["fraction"] == fraction].set_index(keys)["relative"]
        name = f"relative_at_1_{1 / fraction:.0f}"
        shares[name] = f"at 1/{1 / fraction:.0f}"
        frame = frame.join(of_share.rename(name), on=keys)
    columns = [
        shown("d", "latent_dim"),
        shown("metric", "metric", clean),
        shown("n", "n", _count),
        shown("compared with", "n_reference", _count),
        shown("value", "value"),
        *(shown(title, name, lambda value: f"× {number(value, 3)}") for name, title in shares.items()),
    ]
    return Table("sample_sizes", "Metrics at smaller sample sizes, relative to the full ones", frame, columns)


def _count(value: float) -> str:
    return f"{value:,.0f}" if value else MISSING
