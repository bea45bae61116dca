"""A trained model as a user meets it: `load_model(path)`, then encode, decode, interpolate, sample."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save
from torch import Tensor

from acai_ray.common.arrays import as_tensor
from acai_ray.common.errors import UserError
from acai_ray.common.files import replacing, write_json
from acai_ray.common.settings import parse
from acai_ray.common.skeleton import N_JOINTS
from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import sample_sphere, slerp, slerp_at
from acai_ray.models.autoencoder import Networks


class PoseModel:
    """One autoencoder with its critic, in evaluation mode; poses `(N, 17, 3)` in metres, codes `(N, d)` of unit length.

    Arrays may be NumPy's or torch's; what comes back is torch's.

    Examples:
        >>> model = acai_ray.load_model("results/quick/models/e00000-0")
        >>> poses = acai_ray.poses.load("synthetic").split("test").poses[:2]
        >>> model.interpolate(poses[:1], poses[1:], steps=10).shape
        torch.Size([1, 11, 17, 3])
        >>> model.sample(100, torch.Generator().manual_seed(0)).shape
        torch.Size([100, 17, 3])
    """

    spherical = True

    def __init__(self, config: TrialConfig, weights: Mapping[str, Tensor]) -> None:
        """Args: the settings, and the weights without a member axis."""
        self.config = config
        self.networks = Networks(1, config)
        self.networks.load_state_dict({name: value[None] for name, value in weights.items()})
        self.networks.eval().requires_grad_(requires_grad=False)

    @classmethod
    def of_member(cls, networks: Networks, member: int, config: TrialConfig) -> "PoseModel":
        """One member of a pack, its weights copied."""
        return cls(config, {name: value[member].detach().cpu() for name, value in networks.state_dict().items()})

    @property
    def latent_dim(self) -> int:
        """The dimension d of the codes."""
        return self.config.latent_dim

    def to(self, device: str | torch.device) -> "PoseModel":
        """Move the weights."""
        self.networks.to(device)
        return self

    def encode(self, poses: Any) -> Tensor:
        """`(N, 17, 3)` to `(N, d)`."""
        x = self._tensor(poses).flatten(-2)
        codes: Tensor = self.networks.autoencoder.encode(x[None])[0]
        return codes

    def decode(self, codes: Any) -> Tensor:
        """`(N, d)` to `(N, 17, 3)`."""
        flat = self.networks.autoencoder.decode(self._tensor(codes)[None])[0]
        poses: Tensor = flat.unflatten(-1, (N_JOINTS, 3))
        return poses

    def between(self, z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
        """Codes on the great circles from `z1` to `z2`, see `latent.slerp_at`."""
        return slerp_at(z1, z2, t)

    def prior_codes(self, n: int, generator: torch.Generator) -> Tensor:
        """`(n, d)` codes uniform on the sphere."""
        return sample_sphere(n, self.latent_dim, generator)

    def interpolate(self, a: Any, b: Any, steps: int) -> Tensor:
        """Paths of equal steps on the sphere between poses, two times `(B, 17, 3)` to `(B, steps+1, 17, 3)`."""
        t = torch.linspace(0, 1, steps + 1, device=self.device)
        return self.decode_paths(slerp(self.encode(a), self.encode(b), t))

    def decode_paths(self, codes: Tensor) -> Tensor:
        """`(B, K, d)` to `(B, K, 17, 3)`."""
        paths: Tensor = self.decode(codes.flatten(0, 1)).unflatten(0, codes.shape[:2])
        return paths

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`(n, 17, 3)` poses decoded from codes uniform on the sphere."""
        return self.decode(self.prior_codes(n, generator))

    def critic(self, poses: Any) -> Tensor:
        """The critic's guess of α for each pose, `(N,)`.

        Raises:
            ValueError: the model was trained without a critic.
        """
        if self.networks.critic is None:
            raise ValueError("this model has no critic; it was trained with critic: false")
        answers: Tensor = self.networks.critic(self._tensor(poses).flatten(-2)[None])[0]
        return answers

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.networks.parameters()).device

    def _tensor(self, value: Any) -> Tensor:
        return as_tensor(value).to(self.device, torch.float32)


def save_model(folder: Path, config: TrialConfig, weights: Mapping[str, Mapping[str, Tensor]], **about: Any) -> None:
    """Write a run's model.

    Args:
        folder: `models/<run_id>`.
        config: the trial's settings.
        weights: by name (`last`, `best`), each without a member axis.
        about: kept in `config.json` beside the settings: run, seed, data fingerprint.
    """
    for name, tensors in weights.items():
        contiguous = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
        with replacing(folder / f"{name}.safetensors") as temporary:
            temporary.write_bytes(save(contiguous))  # where the disk is full, `save_file` raises no OSError
    write_json(folder / "config.json", {**about, "trial": config.model_dump()})


def load_model(path: str | Path) -> PoseModel:
    """Open a saved model.

    Args:
        path: `models/<run_id>` (its last weights) or one of the `.safetensors` files in it.

    Raises:
        UserError: there is no model there, or it is damaged.

    Examples:
        >>> model = acai_ray.load_model("results/quick/models/e00000-0")
        >>> model.latent_dim
        16
    """
    path = Path(path)
    file = path / "last.safetensors" if path.is_dir() else path
    try:
        about = json.loads((file.parent / "config.json").read_text(encoding="utf-8"))
        weights = tensors_from_bytes(file.read_bytes())
        config = parse(TrialConfig, about["trial"], str(file.parent / "config.json"))
        return PoseModel(config, weights)
    except OSError as error:
        raise UserError(
            f"a model is a folder with config.json and last.safetensors, but {path} lacks {error.filename}"
        ) from None
    except (ValueError, KeyError, TypeError, SafetensorError, RuntimeError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"a model must be whole, but {path} is damaged ({str(error).splitlines()[0]})") from None
