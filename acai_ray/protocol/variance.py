"""How the differences of the primary metrics vary between people and folds, as measured once."""

from acai_ray.protocol.power import Noise

PEOPLE = 16
"""How many people these numbers come from."""

CMU17 = {
    "reconstruction": Noise(person=0.87, fold=0.67, run=0.0, rest=0.0),
    "smoothness": Noise(person=0.39, fold=0.0, run=0.0, rest=0.0),
    "bones": Noise(person=0.80, fold=0.0, run=0.0, rest=0.0),
    "coverage": Noise(person=0.0071, fold=0.0039, run=0.0, rest=0.0),
}
"""Standard deviations in each metric's unit, of motion capture of `PEOPLE` people in seven folds: d = 16, λ from 0.002
to 0.05, 30 epochs of 1,000 steps, one seed. With one seed what runs add is part of people and folds."""
