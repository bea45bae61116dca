"""How the differences of the primary metrics vary between people and folds, as measured once."""

from acai_ray.protocol.power import Noise

PEOPLE = 27
"""How many people these numbers come from."""

CMU17 = {
    "reconstruction": Noise(person=0.98, fold=0.46, run=0.0, rest=0.24),
    "smoothness": Noise(person=0.45, fold=0.0, run=0.0, rest=0.007),
    "bones": Noise(person=1.16, fold=0.0, run=0.0, rest=0.09),
    "coverage": Noise(person=0.0096, fold=0.0032, run=0.0, rest=0.0049),
}
"""Standard deviations in each metric's unit, of motion capture of `PEOPLE` people in twelve folds: d = 16, λ from 0.002
to 0.05, 30 epochs of 1,000 steps, one seed. What runs add is that of twins with a λ of no consequence."""
