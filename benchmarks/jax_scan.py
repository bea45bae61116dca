"""The loop that a good engineer would write in JAX: step and Adam as one jitted `lax.scan` over an epoch's batches.

One model with the program's losses (the report's eq. 2 and 3), batch normalisation by each pass's own statistics, and
an epoch's augmentation in the same program. JAX is an extra of the project's; nothing but this benchmark uses it.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
from jax import Array, lax, nn, random
from jax import numpy as jnp

from acai_ray.common.skeleton import FLIP, N_JOINTS, POSE_DIM
from acai_ray.common.trial_config import TrialConfig

Layers = list[dict[str, Array]]
Weights = dict[str, Layers]


def started(key: Array, sizes: list[int], norm: bool) -> Layers:
    """Layers with uniform weights within ±1/√fan_in, and a scale and a shift where they are normalised."""
    layers = []
    for n_in, n_out in pairwise(sizes):
        key, of_weight, of_bias = random.split(key, 3)
        bound = n_in**-0.5
        layer = {
            "weight": random.uniform(of_weight, (n_in, n_out), minval=-bound, maxval=bound),
            "bias": random.uniform(of_bias, (n_out,), minval=-bound, maxval=bound),
        }
        layers.append(layer | ({"scale": jnp.ones(n_out)} if norm else {}))
    return [*layers[:-1], {name: layers[-1][name] for name in ("weight", "bias")}]


def mapped(layers: Layers, x: Array) -> Array:
    """A perceptron of linear maps, normalisation and LeakyReLU."""
    *hidden, last = layers
    for layer in hidden:
        x = x @ layer["weight"]
        if "scale" in layer:  # the bias is then the shift
            x = (x - x.mean(0)) * (layer["scale"] * lax.rsqrt(x.var(0) + 1e-5))
        x = nn.leaky_relu(x + layer["bias"], 0.2)
    return x @ last["weight"] + last["bias"]


def encoded(weights: Weights, x: Array) -> Array:
    z = mapped(weights["encoder"], x)
    return z / jnp.linalg.norm(z, axis=-1, keepdims=True)


def between(a: Array, b: Array, alpha: Array) -> Array:
    """The spherical path from a to b at α."""
    angle = jnp.arccos(jnp.clip((a * b).sum(-1, keepdims=True), -1 + 1e-5, 1 - 1e-6))
    return (jnp.sin((1 - alpha) * angle) * a + jnp.sin(alpha * angle) * b) / jnp.sin(angle)


def guessed(critic: Layers, x: Array) -> Array:
    return mapped(critic, x).mean(-1)


def of_autoencoder(weights: Weights, critic: Layers, x: Array, alpha: Array, lam: float) -> tuple[Array, Any]:
    first, partners = jnp.split(x, 2)
    z = encoded(weights, first)
    x_hat = mapped(weights["decoder"], z)
    mixed = mapped(weights["decoder"], between(z, encoded(weights, partners), alpha[:, None]))
    reconstruction = jnp.square(first - x_hat).sum(-1).mean() / N_JOINTS
    return reconstruction + lam * jnp.square(guessed(critic, mixed)).mean(), (first, x_hat, mixed)


def of_critic(critic: Layers, passes: tuple[Array, Array, Array], alpha: Array, gamma: float) -> Array:
    first, x_hat, mixed = passes
    real = guessed(critic, gamma * first + (1 - gamma) * x_hat)
    return jnp.square(guessed(critic, mixed) - alpha).mean() + jnp.square(real).mean()


def adam(weights: Any, gradients: Any, moments: Any, number: Array, lr: float) -> tuple[Any, Any]:
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, moments[1], gradients)
    size, root = lr / (1 - 0.9**number), jnp.sqrt(1 - 0.999**number)
    moved = jax.tree.map(lambda w, m, v: w - size * m / (jnp.sqrt(v) / root + 1e-8), weights, first, second)
    return moved, (first, second)


def augmented(key: Array, x: Array) -> Array:
    """Each pose flipped half of the time, and turned in the image plane by up to 30°."""
    of_flip, of_angle = random.split(key)
    flipped = x[..., jnp.array(FLIP), :] * jnp.array([-1.0, 1.0, 1.0])
    x = jnp.where(random.bernoulli(of_flip, 0.5, (*x.shape[:-2], 1, 1)), flipped, x)
    angle = jnp.radians(random.uniform(of_angle, x.shape[:-2], minval=-30, maxval=30))[..., None]
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    return jnp.stack((x[..., 0] * cos + x[..., 1] * sin, x[..., 1] * cos - x[..., 0] * sin, x[..., 2]), axis=-1)


class JaxScan:
    """One model, trained epoch by epoch.

    Args:
        poses: the training poses, `(N, 17, 3)` in metres.
        config: the trial's settings.
    """

    def __init__(self, poses: npt.NDArray[np.float32], config: TrialConfig) -> None:
        hidden = [config.width] * config.depth
        keys = random.split(random.key(0), 4)
        shape = [POSE_DIM, *hidden, config.latent_dim]
        autoencoder = {
            "encoder": started(keys[0], shape, config.norm == "batch"),
            "decoder": started(keys[1], shape[::-1], config.norm == "batch"),
        }
        weights = (autoencoder, started(keys[2], shape, config.critic_norm == "batch"))
        moments = tuple(jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
        self.state = (weights, moments, jnp.zeros(()))
        self.key, self.poses = keys[3], jnp.asarray(poses)
        self.epoch: Callable[..., Any] = jax.jit(partial(epoch, config), static_argnums=3, donate_argnums=0)

    def train(self, steps: int) -> None:
        """Train that many steps."""
        self.key, key = random.split(self.key)
        self.state, losses = self.epoch(self.state, key, self.poses, steps)
        jax.block_until_ready((self.state, losses))


def epoch(config: TrialConfig, state: Any, key: Array, poses: Array, steps: int) -> tuple[Any, Array]:
    """All steps of an epoch; returns the new state and each step's losses."""
    of_index, of_change, of_alpha = random.split(key, 3)
    index = random.randint(of_index, (steps, config.batch_size), 0, len(poses))
    batches = augmented(of_change, poses[index]).reshape(steps, config.batch_size, POSE_DIM)
    alphas = random.uniform(of_alpha, (steps, config.batch_size // 2), maxval=0.5)

    def step(state: Any, drawn: tuple[Array, Array]) -> tuple[Any, Array]:
        (autoencoder, critic), moments, number = state
        x, alpha = drawn
        (loss, passes), first = jax.value_and_grad(of_autoencoder, has_aux=True)(
            autoencoder, critic, x, alpha, config.lam
        )
        of_second, second = jax.value_and_grad(of_critic)(critic, lax.stop_gradient(passes), alpha, config.gamma)
        weights, moments = adam((autoencoder, critic), (first, second), moments, number + 1, config.lr)
        return (weights, moments, number + 1), jnp.stack((loss, of_second))

    return lax.scan(step, state, (batches, alphas))
