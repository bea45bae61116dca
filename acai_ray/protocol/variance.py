"""How the differences of the primary metrics vary between people, folds and runs, as measured once."""

from acai_ray.protocol.power import Noise

CMU17 = {
    "reconstruction": Noise(person=2.0, fold=0.5, run=0.4, rest=0.5),
    "smoothness": Noise(person=0.2, fold=0.1, run=0.1, rest=0.1),
    "bones": Noise(person=0.5, fold=0.2, run=0.1, rest=0.2),
    "coverage": Noise(person=0.02, fold=0.01, run=0.01, rest=0.02),
}
"""Of 27 people of motion capture in 12 folds, d = 16, λ from 0.002 to 0.05: each in the metric's unit."""
