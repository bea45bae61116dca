"""A trained model as a user meets it: `load_model(path)`, then encode, decode, interpolate, sample."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save
from torch import Tensor, nn

from acai_ray.common.architecture import AUTOENCODER
from acai_ray.common.arrays import as_tensor
from acai_ray.common.errors import UserError, one_line
from acai_ray.common.files import replacing, write_json
from acai_ray.common.settings import parse
from acai_ray.common.skeleton import N_JOINTS
from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import CODE_SPACES
from acai_ray.models.autoencoder import Autoencoder


class PoseModel:
    """One autoencoder in evaluation mode; poses `(N, 17, 3)` in metres, codes `(N, d)`.

    Codes have unit length, or are any vectors where the model was trained with `codes: flat`.

    Arrays may be NumPy's or torch's; what comes back is torch's.

    Examples:
        >>> model = acai_ray.load_model("results/quick/models/e00000-0")
        >>> poses = acai_ray.poses.load("synthetic").split("test").poses[:2]
        >>> model.interpolate(poses[:1], poses[1:], steps=10).shape
        torch.Size([1, 11, 17, 3])
        >>> model.sample(100, torch.Generator().manual_seed(0)).shape
        torch.Size([100, 17, 3])
    """

    def __init__(self, config: TrialConfig, weights: Mapping[str, Tensor]) -> None:
        """Args: the settings, and the weights of a run's networks without a member axis."""
        self.config = config
        self.code_space = CODE_SPACES[config.codes]
        self.autoencoder = Autoencoder(1, config)
        self.autoencoder.load_state_dict(
            {name.removeprefix(AUTOENCODER): value[None] for name, value in weights.items() if _is_autoencoders(name)}
        )
        self.autoencoder.eval().requires_grad_(requires_grad=False)
        self.other_weights = {name: value for name, value in weights.items() if not _is_autoencoders(name)}

    @classmethod
    def of_member(cls, networks: nn.Module, member: int, config: TrialConfig) -> "PoseModel":
        """One member of a pack, its weights copied."""
        return cls(config, {name: value[member].detach().cpu() for name, value in networks.state_dict().items()})

    def __repr__(self) -> str:
        numbers = sum(value.numel() for value in self.autoencoder.parameters())
        return f"<PoseModel {self.title}: {numbers:,} parameters, on {self.device}>"

    @property
    def title(self) -> str:
        """What it is, in a few words: `acai, λ = 0.01, d = 16`."""
        trained = f"{self.config.regularizer}, λ = {self.config.lam:.3g}" if self.config.lam else "vanilla"
        return f"{trained}, d = {self.latent_dim}"

    @property
    def latent_dim(self) -> int:
        """The dimension d of the codes."""
        return self.config.latent_dim

    @property
    def spherical(self) -> bool:
        """Whether the codes lie on the unit sphere."""
        return self.code_space.spherical

    @property
    def weights(self) -> dict[str, Tensor]:
        """All weights it was made of, without a member axis; `other_weights` are those of no autoencoder."""
        own = {f"{AUTOENCODER}{name}": value[0] for name, value in self.autoencoder.state_dict().items()}
        return own | self.other_weights

    def to(self, device: str | torch.device) -> "PoseModel":
        """Move the weights."""
        self.autoencoder.to(device)
        return self

    def encode(self, poses: Any) -> Tensor:
        """`(N, 17, 3)` to `(N, d)`."""
        x = self._tensor(poses).flatten(-2)
        codes: Tensor = self.autoencoder.encode(x[None])[0]
        return codes

    def decode(self, codes: Any) -> Tensor:
        """`(N, d)` to `(N, 17, 3)`."""
        flat = self.autoencoder.decode(self._tensor(codes)[None])[0]
        poses: Tensor = flat.unflatten(-1, (N_JOINTS, 3))
        return poses

    def between(self, z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
        """Codes on the paths from `z1` to `z2`: great circles as in `latent.slerp_at`, or straight lines."""
        return self.code_space.between(z1, z2, t.to(z1.device))

    def prior_codes(self, n: int, generator: torch.Generator) -> Tensor:
        """`(n, d)` codes of the prior: uniform on the sphere, or normal where codes are flat."""
        return self.code_space.sample(n, self.latent_dim, generator)

    def interpolate(self, a: Any, b: Any, steps: int) -> Tensor:
        """Paths of equal steps of the code between poses, two times `(B, 17, 3)` to `(B, steps+1, 17, 3)`."""
        t = torch.linspace(0, 1, steps + 1, device=self.device)
        return self.decode_paths(self.between(self.encode(a)[:, None], self.encode(b)[:, None], t))

    def decode_paths(self, codes: Tensor) -> Tensor:
        """`(B, K, d)` to `(B, K, 17, 3)`."""
        paths: Tensor = self.decode(codes.flatten(0, 1)).unflatten(0, codes.shape[:2])
        return paths

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`(n, 17, 3)` poses decoded from codes of the prior."""
        return self.decode(self.prior_codes(n, generator))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.autoencoder.parameters()).device

    def _tensor(self, value: Any) -> Tensor:
        return as_tensor(value).to(self.device, torch.float32)


def _is_autoencoders(name: str) -> bool:
    return name.startswith(AUTOENCODER)


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
        raise UserError(f"a model must be whole, but {path} is damaged ({one_line(error)})") from None
