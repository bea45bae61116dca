"""Which trials of one latent size a search picks for its confirmation, and under which names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from acai_ray.protocol.confirmation import RECONSTRUCTION_ALLOWANCE, Pick
from acai_ray.protocol.primary import PRIMARY

_PRIMARY = {metric.name: metric for metric in PRIMARY}
RECONSTRUCTION, BONES = _PRIMARY["reconstruction"], _PRIMARY["bones"]

NEEDED = (RECONSTRUCTION.column, BONES.column)
"""The metrics on validation people that the picks are made by, whatever the search optimises."""

Trade = tuple[float, float]
"""Cost and gain, in mm: what more error of reconstruction buys in bones. A twin's is (0, 0)."""


@dataclass(frozen=True)
class Candidate:
    """An ACAI trial of the search that ended well.

    Attributes:
        name: the trial's; of equally good ones the first name is picked.
        own: its metrics on validation people, means over seeds.
        twin: the same of its vanilla twin; none where the study has no twins.
    """

    name: str
    own: Mapping[str, float]
    twin: Mapping[str, float] | None

    @property
    def trade(self) -> Trade:
        """Its cost and its gain beside its twin."""
        assert self.twin is not None
        reconstruction, bones = NEEDED
        return self.own[reconstruction] - self.twin[reconstruction], self.twin[bones] - self.own[bones]

    @property
    def allowed(self) -> bool:
        """Whether its reconstruction error is at most `RECONSTRUCTION_ALLOWANCE` times its twin's."""
        column = RECONSTRUCTION.column
        return self.twin is None or self.own[column] <= RECONSTRUCTION_ALLOWANCE * self.twin[column]


def pick(
    candidates: Sequence[Candidate], wanted: Sequence[Pick], objectives: Mapping[str, str]
) -> dict[str, tuple[Pick, ...]]:
    """The trials to be confirmed at one latent size; their order does not depend on that of the candidates.

    Args:
        candidates: the trials of the latent size.
        wanted: the picks that are asked for.
        objectives: what the search optimises, each `min` or `max`.

    Returns:
        The names of the picked trials, each with the picks that it is; a pick that no trial qualifies for is left out.
    """
    rules: dict[Pick, Callable[[Sequence[Candidate]], Candidate | None]] = {
        Pick.FREE: free,
        Pick.BALANCED: balanced,
        Pick.STRONG: lambda among: strong(among, objectives),
    }
    in_order = sorted(candidates, key=lambda candidate: candidate.name)
    found: dict[str, tuple[Pick, ...]] = {}
    for one in sorted(wanted, key=list(Pick).index):
        picked = rules[one](in_order)
        if picked is not None:
            found[picked.name] = (*found.get(picked.name, ()), one)
    return found


def free(candidates: Sequence[Candidate]) -> Candidate | None:
    """The largest gain among the candidates whose cost is at most the margin of reconstruction; of equals the cheapest.

    The largest gain may be below 0; then nothing was gained for free, and the confirmation shows by how much.
    """
    cheap = [one for one in candidates if one.twin is not None and one.trade[0] <= RECONSTRUCTION.margin]
    return min(cheap, key=lambda one: (-one.trade[1], one.trade[0]), default=None)


def balanced(candidates: Sequence[Candidate]) -> Candidate | None:
    """The knee of the front of cost and gain.

    The front is made of the candidates and the twin, which costs and gains nothing: those that no other one matches
    or beats in both and beats in one. It ends at the allowance for reconstruction, since a collapsed decoder at its far
    end would move the knee. With (c₀, g₀) the point of the front that costs least and (c₁, g₁) the one that gains most,
    the knee is the candidate with the largest (g − g₀) / (g₁ − g₀) − (c − c₀) / (c₁ − c₀): the point farthest above the
    line that joins the ends, once both axes are divided by the front's extent. Both ends have 0; of equals the cheapest
    is taken. So with two points it is the candidate that costs less, the twin being none, and with one it is that one.
    """
    compared = [one for one in candidates if one.twin is not None]
    points: list[Trade] = [(0.0, 0.0), *(one.trade for one in compared)]
    front = [one for one in compared if one.allowed and not _beaten(one.trade, points)]
    ends = [*(one.trade for one in front), *([] if _beaten((0.0, 0.0), points) else [(0.0, 0.0)])]
    if not front:
        return None
    first, last = min(ends), max(ends)
    return min(front, key=lambda one: (-_above_line(one.trade, first, last), one.trade[0]))


def _beaten(point: Trade, by: Sequence[Trade]) -> bool:
    return any(cost <= point[0] and gain >= point[1] and (cost, gain) != point for cost, gain in by)


def _above_line(point: Trade, first: Trade, last: Trade) -> float:
    """How far a point of the front lies above the line between its ends, in shares of the front's extent."""
    if first == last:
        return 0.0
    cost, gain = ((point[axis] - first[axis]) / (last[axis] - first[axis]) for axis in (0, 1))
    return gain - cost


def strong(candidates: Sequence[Candidate], objectives: Mapping[str, str]) -> Candidate | None:
    """The lowest mean rank over the objectives other than reconstruction, among the candidates within the allowance.

    Where reconstruction alone is optimised, it is what ranks.
    """
    allowed = [one for one in candidates if one.allowed]
    if not allowed:
        return None
    ranked = [name for name in objectives if not name.startswith("reconstruction_")] or list(objectives)
    table = pd.DataFrame([one.own for one in allowed])[ranked]
    signs = [1 if objectives[name] == "min" else -1 for name in ranked]
    return allowed[int((table * signs).rank().mean(axis=1).argmin())]
