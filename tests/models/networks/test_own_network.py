"""The network that docs/extend.md tells to write: known once its module is imported, and trained like any other."""

import runpy
from pathlib import Path

import pytest

from acai_ray.common.errors import UserError
from acai_ray.models.networks import known, names, network_of
from acai_ray.models.pose_model import PoseModel
from tests.helpers.networks import settings
from tests.helpers.pages import ROOT, blocks
from tests.helpers.training import differing, member_of, small, trained


@pytest.fixture(autouse=True)
def imported(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(known, "_NETWORKS", dict(known._NETWORKS))
    (example,) = [
        block.text
        for block in blocks((ROOT / "docs" / "extend.md").read_text(encoding="utf-8"))
        if block.title == "my_network.py"
    ]
    (tmp_path / "my_network.py").write_text(example, encoding="utf-8")
    runpy.run_path(str(tmp_path / "my_network.py"))


def test_it_is_known() -> None:
    assert names()[-1] == "narrowing"


def test_it_is_trained_and_no_pack_changes_a_bit(pose_set) -> None:
    config = small(network="narrowing", width=64, depth=3)
    everyone, pack = trained(config, [0, 1, 2], pose_set), trained(config, [2, 0], pose_set)
    for member, seed in enumerate([2, 0]):
        assert differing(member_of(pack, member), member_of(everyone, seed)) == []
    model = PoseModel.of_member(pack.networks, 0, config)
    assert [linear.weight.shape[1] for linear in model.autoencoder.decoder.linears] == [5, 16, 32, 64]


def test_it_refuses_what_it_cannot_be() -> None:
    with pytest.raises(UserError, match="width must be a multiple of 64, but is 32"):
        network_of(settings("narrowing", width=32, depth=3))
