"""How a setting is trained beside its vanilla twin, so that there is something to compare."""

EXAMPLE = {"lambda": 0.1, "gamma": 0.2}
"""What is proposed beside a vanilla run, which has no weight of its own."""


def twin_advice(latent_dim: int, lam: float, gamma: float, regularizer: str) -> str:
    """The end of a sentence: what a search space says that trains this setting and its vanilla twin.

    Args:
        latent_dim: dimensions of a code.
        lam: its λ; 0 for a vanilla run.
        gamma: its γ, which ACAI alone has.
        regularizer: its name.
    """
    point = {"lambda": lam, "gamma": gamma} if lam > 0 else EXAMPLE
    settings = {"latent_dim": f"{latent_dim}", "lambda": f"{point['lambda']:g}"}
    if regularizer == "acai":
        settings["gamma"] = f"{point['gamma']:g}"
    else:
        settings = {"regularizer": regularizer} | settings
    listed = ", ".join(f"{name}: {value}" for name, value in settings.items())
    return (
        f"a search space with points: [{{{listed}}}] and the same data, seeds and trial settings trains both twins, by "
        "python -m acai_ray.tune --space FILE"
    )
