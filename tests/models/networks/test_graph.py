"""The graph network: the adjacency of the skeleton, and that joints meet their neighbours and no others."""

import pytest
import torch

from acai_ray.common.skeleton import BONES, FLIP, JOINTS, PARENTS, adjacency
from acai_ray.models.networks.graph import GraphConvolution
from tests.helpers.networks import batch, built, settings

PELVIS, HEAD = (JOINTS.index(name) for name in ("pelvis", "head"))


def test_the_adjacency_is_normalised_by_the_bones_of_both_joints() -> None:
    found = torch.tensor(adjacency())
    bones = [sum(joint in bone for bone in BONES) for joint in range(17)]
    assert (bones[PELVIS], bones[HEAD]) == (3, 1)
    for one in range(17):
        for other in range(17):
            joined = PARENTS[one] == other or PARENTS[other] == one
            expected = (bones[one] * bones[other]) ** -0.5 if joined else 0
            assert float(found[one, other]) == pytest.approx(expected)
    assert float(torch.linalg.eigvalsh(found.double()).max()) == pytest.approx(1, abs=1e-6)  # Perron: it cannot blow up


def test_the_adjacency_is_that_of_the_mirrored_skeleton() -> None:
    found = torch.tensor(adjacency())
    assert torch.equal(found[list(FLIP)][:, list(FLIP)], found)


def test_a_convolution_is_its_formula() -> None:
    convolution = GraphConvolution(2, 16, 32, bias=True)
    with torch.no_grad():
        for parameter in convolution.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    nodes = torch.randn(2, 4 * 17, 16, generator=torch.Generator().manual_seed(2))
    found, edges = convolution(nodes), torch.tensor(adjacency())
    for member in range(2):
        itself, neighbours = convolution.linear.weight[member].split(16)
        for pose in range(4):
            joints = nodes[member, 17 * pose : 17 * (pose + 1)]
            expected = joints @ itself + edges @ joints @ neighbours + convolution.linear.bias[member]
            torch.testing.assert_close(found[member, 17 * pose : 17 * (pose + 1)], expected, atol=1e-4, rtol=1e-4)


def test_the_last_two_convolutions_of_a_decoder_reach_two_bones_far() -> None:
    """What is added to one joint's channels moves the joints at most two bones away."""
    config = settings("graph", norm="none")
    decoder, codes = built(config, "decoder").eval(), batch(config, "decoder")
    before = decoder(codes).unflatten(-1, (17, 3))
    with torch.no_grad():
        decoder.first.bias.unflatten(-1, (17, 16))[:, :, HEAD] += 1
    moved = (decoder(codes).unflatten(-1, (17, 3)) - before).abs().amax((0, 1, 3)) > 1e-6
    steps = torch.matrix_power(torch.tensor(adjacency()) + torch.eye(17), 2)[HEAD] > 0
    assert moved.tolist() == steps.tolist()
    assert 1 < sum(moved.tolist()) < 8


def test_the_adjacency_is_not_saved() -> None:
    assert not [name for name in built(settings("graph"), "encoder").state_dict() if "neighbours" in name]
