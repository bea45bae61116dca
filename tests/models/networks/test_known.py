"""The table of networks: what a trial may name, and how a user's own gets into it."""

import re
from dataclasses import replace

import pytest

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.models.domain import POSES, Domain
from acai_ray.models.layers import MLP
from acai_ray.models.networks import known, names, network_of, register
from tests.helpers.networks import each_network, settings
from tests.helpers.pages import ROOT

IMAGES = Domain(points=256, axes=1, bounded=True)


@pytest.fixture
def own(monkeypatch):
    """A network that is known in one test alone."""
    monkeypatch.setattr(known, "_NETWORKS", dict(known._NETWORKS))
    return replace(network_of(TrialConfig()), name="my_network")


def test_the_default_is_the_reports_perceptron() -> None:
    assert names()[0] == TrialConfig().network == "mlp"
    assert isinstance(Autoencoder(1, TrialConfig()).encoder, MLP)


@each_network
def test_it_says_what_it_is_in_one_sentence(network: str) -> None:
    found = network_of(settings(network))
    assert found.name == network
    assert found.description.count(".") == 1
    assert found.description.endswith(".")


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UserError, match=r"^network must be one of mlp, residual, graph, but is transformer$"):
        Autoencoder(1, TrialConfig(network="transformer"))


def test_a_registered_network_is_built(own) -> None:
    register(own)
    assert names()[-1] == "my_network"
    assert isinstance(Autoencoder(1, TrialConfig(network="my_network")).decoder, MLP)


def test_a_taken_name_is_refused(own) -> None:
    register(own)
    for taken in ("my_network", "mlp"):
        with pytest.raises(UserError, match=f"must be new, but there is already one named {taken}; choose another"):
            register(replace(own, name=taken))


def test_a_skeleton_is_needed_by_the_graph_alone() -> None:
    for network in ("mlp", "residual"):
        assert Autoencoder(1, settings(network), IMAGES).domain == IMAGES
    with pytest.raises(UserError, match="needs examples of 17 joints with 3 numbers each, but these have 256 points"):
        Autoencoder(1, settings("graph"), IMAGES)


def test_channels_of_a_graph_keep_packs_aligned() -> None:
    with pytest.raises(UserError, match=r"width must be a multiple of 64 for network graph, .* but is 80"):
        network_of(settings("graph", width=80), POSES)


def test_the_manual_has_each_network_with_its_parameters() -> None:
    """At the default settings, d = 16."""
    page = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\d,]+) \| ([\d,]+) \|$", page, re.MULTILINE)
    assert [name for name, *_ in rows] == names()
    for name, *counts in rows:
        config = TrialConfig(network=name)
        parts = (network_of(config).encoder, network_of(config).decoder)
        found = [sum(value.numel() for value in build(1, config, POSES).parameters()) for build in parts]
        assert [f"{count:,}" for count in found] == counts
        assert f"\n## {name}\n" in page
