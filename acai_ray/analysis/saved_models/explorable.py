"""Which twins a reader can explore in the page: chosen by setting and size, never by result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.alone import alone
from acai_ray.analysis.saved_models.architectures import ARCHITECTURES
from acai_ray.analysis.saved_models.embedding import EmbeddedDecoder, embed
from acai_ray.analysis.saved_models.model_file import read_autoencoder, refuse_unshared
from acai_ray.analysis.saved_models.network import Array
from acai_ray.common.frames import Row, rows_of
from acai_ray.store import Results

BUDGET = 6_000_000
"""Bytes of decoders in one page, so that the page of 64 trials stays below 15 MB."""

NO_ROOM = "its decoder is not in this page, whose room for decoders is used up"


@dataclass
class Explorable:
    """What the page can decode.

    Attributes:
        pairs: the twins, as rows of `Family.pairs`, by the ACAI run's trial. Where nothing is compared, runs alone,
            whose `twin` is empty.
        decoders: by `run_id`.
        unreadable: why a run's model could not be read, by `run_id`.
        without: why a trial's twins are not among the pairs, by `trial_id`.
    """

    pairs: dict[str, Row] = field(default_factory=dict)
    decoders: dict[str, EmbeddedDecoder] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)


def explorable(analysis: Analysis, poses: Array, budget: int = BUDGET) -> Explorable:
    """Embed the pairs of twins that fit into the budget, in the order of `candidates`.

    Args:
        analysis: the study.
        poses: `(N, 51)` real poses to encode.
        budget: bytes.
    """
    decodable = Explorable()
    for pair in candidates(analysis):
        room = budget - sum(decoder.n_bytes for decoder in decodable.decoders.values())
        why = _add(decodable, pair, analysis.results, poses, room)
        if why:
            decodable.without[pair["trial_id"]] = why
        else:
            decodable.pairs[pair["trial_id"]] = pair
    return decodable


def candidates(analysis: Analysis) -> Iterator[Row]:
    """The first seed's pair of every trial: the deciding family first, its latent sizes in turn, λ and γ spread evenly.

    Each latent size begins with its middle λ, so that however many fit in a page, they cover the range. Where nothing
    is compared, it is the first seed's run of every trial.
    """
    for pairs in [family.pairs for family in analysis.families] or [alone(analysis).assign(twin="")]:
        firsts = pairs.sort_values(["lam", "gamma", "trial_id", "seed"]).drop_duplicates("trial_id")
        by_size = [_spread(rows_of(rows)) for _, rows in firsts.groupby("latent_dim")]
        yield from (pair for pair in chain.from_iterable(zip_longest(*by_size)) if pair is not None)


def runs_of(pair: Row) -> list[str]:
    """The vanilla twin, if there is one, and the run itself."""
    return [run_id for run_id in (pair["twin"], pair["run_id"]) if run_id]


def _spread(rows: Sequence[Row]) -> list[Row]:
    """The middle row, then the middles of what lies on its two sides, and so on."""
    spans, order = [(0, len(rows))], []
    for low, high in spans:  # grows while it is walked: level by level
        if low < high:
            middle = (low + high) // 2
            order.append(rows[middle])
            spans += [(low, middle), (middle + 1, high)]
    return order


def _add(decodable: Explorable, pair: Row, results: Results, poses: Array, room: int) -> str:
    """Embed what the page lacks of a pair; returns why that cannot be, else nothing."""
    missing = [run_id for run_id in runs_of(pair) if run_id not in decodable.decoders]
    if not len(missing) * _least_bytes(pair) <= room:  # also where a size is no number
        return NO_ROOM
    decoders = {}
    for run_id in missing:
        try:
            if run_id in decodable.unreadable:
                raise ValueError(decodable.unreadable[run_id])
            refuse_unshared(results.study, run_id)
            decoders[run_id] = embed(read_autoencoder(results.path, run_id), poses)
        except ValueError as error:
            decodable.unreadable[run_id] = str(error)
            return f"the model of run {run_id} was left out: {error}"
    if sum(decoder.n_bytes for decoder in decoders.values()) > room:
        return NO_ROOM
    decodable.decoders |= decoders
    return ""


def _least_bytes(run: Row) -> float:
    """What a decoder of the run's size takes as base64 of float16; known without reading it."""
    architecture = ARCHITECTURES.get(run["network"])
    return 8 / 3 * architecture.decoder_size(run["latent_dim"], run["width"], run["depth"]) if architecture else 0.0
