"""The loop that one would usually write: a data set that augments pose by pose, one model, `.item()` in every step."""

import math
import random
import time
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from acai_ray.common.skeleton import FLIP, N_JOINTS, POSE_DIM
from acai_ray.common.trial_config import TrialConfig


class Poses(Dataset[Tensor]):
    """One augmented pose at a time."""

    def __init__(self, poses: Tensor) -> None:
        self.poses = poses

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, index: int) -> Tensor:
        pose = self.poses[index]
        if random.random() < 0.5:
            pose = pose[list(FLIP)] * torch.tensor([-1.0, 1.0, 1.0])
        angle = math.radians(random.uniform(-30, 30))
        cos, sin = math.cos(angle), math.sin(angle)
        turn = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        return (pose @ turn.T).flatten()


def network(sizes: list[int], norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes[:-1]):
        layers += [nn.Linear(n_in, n_out), *([nn.BatchNorm1d(n_out)] if norm else []), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


class PlainLoop:
    """One model, trained step by step."""

    def __init__(self, poses: Tensor, config: TrialConfig) -> None:
        hidden = [config.width] * config.depth
        self.config = config
        self.encoder = network([POSE_DIM, *hidden, config.latent_dim], config.norm == "batch")
        self.decoder = network([config.latent_dim, *hidden, POSE_DIM], config.norm == "batch")
        self.critic = network([POSE_DIM, *hidden, config.latent_dim], config.critic_norm == "batch")
        autoencoder = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.optimizer = torch.optim.Adam(autoencoder, lr=config.lr)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=config.lr)
        self.loader = DataLoader(Poses(poses), batch_size=config.batch_size, shuffle=True, drop_last=True)
        self.losses: list[tuple[float, float]] = []

    def train(self, steps: int) -> float:
        """Train that many steps and return the seconds they took."""
        start, done = time.perf_counter(), 0
        while True:
            for x in self.loader:
                self.step(x)
                done += 1
                if done == steps:
                    return time.perf_counter() - start

    def step(self, x: Tensor) -> None:
        """One update of both networks, each by its own backward pass."""
        first, partners = x.chunk(2)
        alpha = 0.5 * torch.rand(len(first), 1)
        z, other = (functional.normalize(self.encoder(half)) for half in (first, partners))
        x_hat = self.decoder(z)
        angle = torch.acos((z * other).sum(1, keepdim=True).clamp(-1 + 1e-5, 1 - 1e-6))
        mixed = self.decoder((torch.sin((1 - alpha) * angle) * z + torch.sin(alpha * angle) * other) / torch.sin(angle))
        reconstruction = (first - x_hat).square().sum(1).mean() / N_JOINTS
        loss = reconstruction + self.config.lam * self.critic(mixed).mean(1).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        gamma = self.config.gamma
        real = self.critic(gamma * first + (1 - gamma) * x_hat.detach()).mean(1).square().mean()
        critic_loss = (self.critic(mixed.detach()).mean(1) - alpha[:, 0]).square().mean() + real
        self.critic_optimizer.zero_grad()
        critic_loss.backward()
        self.critic_optimizer.step()
        self.losses.append((loss.item(), critic_loss.item()))
