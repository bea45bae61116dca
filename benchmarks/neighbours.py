"""The search for nearest poses, compared with `torch.cdist` for each joint: `python -m benchmarks.neighbours`.

The poses have as few degrees of freedom as real ones, or are hard to search: Gaussian, or in a narrow heap. All must
find the same distances. Beside ours stands brute force in our own tiles, which ours should never take much longer than.
Our times include the preparation of the references, but not compiling. The last line is JSON: the seconds of each, how
many times faster ours is than `torch.cdist`, and how many times as long as tiles it takes.
"""

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from acai_ray.metrics import nearest_distances
from acai_ray.metrics.search.bounds import Distance, Projection
from acai_ray.metrics.search.brute_force import Tiles
from acai_ray.metrics.search.costs import Way
from acai_ray.metrics.search.tree import QUERIES

CHUNK = 64


def plain(queries: Tensor, references: Tensor, distance: str) -> Tensor:
    """Brute force, computed from differences as ours is: chunks of queries against all references at once."""
    width = 3 if distance == "mpjpe" else queries[0].numel()
    parts = [(q.flatten(1).split(width, 1), references.flatten(1).split(width, 1)) for q in queries.split(CHUNK)]
    mode = "donot_use_mm_for_euclid_dist"
    tables = (sum(torch.cdist(a, b, compute_mode=mode) for a, b in zip(*part, strict=True)) for part in parts)
    nearest = torch.cat([torch.as_tensor(table).amin(1) for table in tables])
    return nearest / 17 if distance == "mpjpe" else nearest


def timed(search: Callable[[Tensor, Tensor, str], Tensor], *arguments: object) -> tuple[float, Tensor]:
    start = time.perf_counter()
    distances = search(*arguments)  # type: ignore[arg-type]
    return time.perf_counter() - start, distances.cpu()


def tiles(queries: Tensor, references: Tensor, distance: Distance, kind: str) -> Tensor:
    """Brute force in our own tiles, without a tree and a choice."""
    arranged = Tiles.of(references.cpu(), Projection.of(references.cpu(), distance))
    way: Way = "squares" if distance == "euclidean" else "slopes" if kind == "heap" else "sums"
    kept = torch.full((len(queries), 1), torch.inf)

    def run(start: int) -> None:
        part = slice(start, start + QUERIES)
        limits = np.full(len(kept[part]), np.inf, np.float32)
        arranged.search(queries[part].cpu(), way, limits, kept[part].numpy(), np.zeros(0, np.int64))

    with ThreadPoolExecutor(torch.get_num_threads()) as pool, threadpool_limits(1, "blas"):
        list(pool.map(run, range(0, len(queries), QUERIES)))
    return kept[:, 0]


def people(n: int, generator: torch.Generator) -> Tensor:
    """Poses with as few degrees of freedom as real ones."""
    basis = torch.randn(12, 51, generator=torch.Generator().manual_seed(99))
    scales = 0.25 * 0.8 ** torch.arange(12)
    return (torch.randn(n, 12, generator=generator) * scales @ basis).view(n, 17, 3)


def gaussian(n: int, generator: torch.Generator) -> Tensor:
    """Poses without any structure."""
    return 0.25 * torch.randn(n, 17, 3, generator=generator)


def heap(n: int, generator: torch.Generator) -> Tensor:
    """Poses of a decoder that is nearly collapsed: all within about a millimetre of one."""
    return gaussian(1, torch.Generator().manual_seed(98)) + 1e-4 * torch.randn(n, 17, 3, generator=generator)


KINDS = {"people": people, "gaussian": gaussian, "heap": heap}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--references", type=int, default=180_000)
    parser.add_argument("--distance", choices=["mpjpe", "euclidean"], default="mpjpe")
    parser.add_argument("--kind", choices=KINDS, default="people", help="of the references")
    parser.add_argument("--sample", type=int, default=1_000, help="queries that `torch.cdist` is timed on, and scaled")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(0)
    of_queries = gaussian if options.kind == "gaussian" else people
    queries = of_queries(options.queries, generator).to(options.device)
    references = KINDS[options.kind](options.references, generator).to(options.device)
    searches = {"plain": plain, "tiles": partial(tiles, kind=options.kind), "ours": nearest_distances}
    for search in (searches["tiles"], nearest_distances):
        search(queries[:300], references[:5_000], options.distance)  # compiles
    sample = queries[: options.sample]
    seconds, answers = {}, {}
    for name, search in searches.items():
        sought = sample if name == "plain" else queries
        took, answers[name] = timed(search, sought, references, options.distance)  # type: ignore[arg-type]
        seconds[name] = took * len(queries) / len(sought)
        print(f"{name:>6} {seconds[name]:8.2f} s  mean {float(answers[name].mean()):.7f} m")
    torch.testing.assert_close(answers["ours"][: len(sample)], answers["plain"], rtol=1e-5, atol=1e-7)
    assert torch.equal(answers["ours"], answers["tiles"])
    ratios = {"ratio": seconds["plain"] / seconds["ours"], "ours_in_tiles": seconds["ours"] / seconds["tiles"]}
    print(json.dumps({**seconds, **ratios}))


if __name__ == "__main__":
    main()
