"""Rows of the tables, as small as the schema lets them be."""

from acai_ray import store


def metric(run_id: str = "s00012-0", **changes: object) -> dict[str, object]:
    row = {"run_id": run_id, "split": "test", "metric": "coverage", "sampler": "path", "distance": "none"}
    row |= {"statistic": "value", "value": 0.25, "unit": "1", "n": 10, "n_reference": 20, "n_left_out": 1}
    return row | changes


def run_row(run_id: str = "s00012-0") -> dict[str, object]:
    row = dict.fromkeys(store.SCHEMAS["runs"].names) | {"run_id": run_id, "trial_id": "00012", "seed": 0}
    return row | {
        "arm": "acai",
        "phase": "search",
        "latent_dim": 16,
        "lam": 0.1,
        "gamma": 0.05,
        "critic": True,
        "status": "done",
    }
