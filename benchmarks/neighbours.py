"""The search for nearest poses, compared with `torch.cdist` for each joint: `python -m benchmarks.neighbours`.

The poses have as few degrees of freedom as real ones, and both searches must find the same distances. Our time includes
the preparation of the references, but not compiling. The last line is JSON: the seconds of each, and how many times
faster ours is.
"""

import argparse
import json
import time
from collections.abc import Callable

import torch
from torch import Tensor

from acai_ray.metrics import nearest_distances

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


def poses(n: int, generator: torch.Generator, device: str) -> Tensor:
    basis = torch.randn(12, 51, generator=torch.Generator().manual_seed(99))
    scales = 0.25 * 0.8 ** torch.arange(12)
    return (torch.randn(n, 12, generator=generator) * scales @ basis).view(n, 17, 3).to(device)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--references", type=int, default=180_000)
    parser.add_argument("--distance", choices=["mpjpe", "euclidean"], default="mpjpe")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(0)
    sets = [poses(n, generator, options.device) for n in (options.queries, options.references)]
    nearest_distances(sets[0][:1], sets[1][:1])  # compiles
    seconds, answers = {}, {}
    for name, search in {"plain": plain, "ours": nearest_distances}.items():
        seconds[name], answers[name] = timed(search, *sets, options.distance)  # type: ignore[arg-type]
        print(f"{name:>6} {seconds[name]:8.2f} s  mean {float(answers[name].mean()):.7f} m")
    torch.testing.assert_close(answers["ours"], answers["plain"], rtol=1e-5, atol=1e-7)
    print(json.dumps({**seconds, "ratio": seconds["plain"] / seconds["ours"]}))


if __name__ == "__main__":
    main()
