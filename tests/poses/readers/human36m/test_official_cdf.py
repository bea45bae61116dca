"""Human3.6M's own CDF files, sound and forged."""

import json
import struct

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.poses.readers.human36m import official_cdf
from tests.helpers import fabricate_official_cdf
from tests.helpers.fabricate_human36m import refuse, world_mm
from tests.helpers.fabricate_official_cdf import write_file

FIRST = "MyPoseFeatures/D3_Positions/Directions 1.cdf"


@pytest.fixture
def data(tmp_path, crowd):
    return fabricate_official_cdf.write(tmp_path / "h36m", crowd)


def of_s1(loaded, sequence="Directions 1"):
    chosen = (loaded.index["subject"] == "S1") & (loaded.index["sequence"] == sequence)
    return loaded.poses[chosen.to_numpy()], loaded.index[chosen]


def test_round_trip_takes_every_tenth_frame_of_four_views(data, crowd):
    loaded = poses.load(data)
    assert len(loaded) == 7 * (6 + 3) * 4
    seen, index = of_s1(loaded)
    assert index["frame"].tolist() == [0, 10, 20, 30, 40, 50] * 4
    np.testing.assert_allclose(seen[:6], crowd[::10], atol=1e-5)
    np.testing.assert_allclose(of_s1(poses.load(data, every=1, views=1))[0], crowd, atol=1e-5)
    np.testing.assert_allclose(of_s1(loaded, "Walking")[0][:3], crowd[:25:10], atol=1e-5)


def test_real_cameras_turn_the_poses(data, crowd):
    to_camera = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    from_the_left = np.array([[0, 0, -1], [0, 1, 0], [1, 0, 0]]) @ to_camera
    cameras = {"54138969": {"R": to_camera.tolist()}, "60457274": {"R": from_the_left.tolist()}}
    subjects = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
    (data / "camera-parameters.json").write_text(json.dumps({"extrinsics": dict.fromkeys(subjects, cameras)}))
    seen, index = of_s1(poses.load(data))
    assert index["camera"].tolist() == ["54138969"] * 6 + ["60457274"] * 6
    np.testing.assert_allclose(seen[:6], crowd[::10], atol=1e-5)
    np.testing.assert_allclose(seen[6:], crowd[::10][..., [2, 1, 0]] * [-1, 1, 1], atol=1e-5)


@pytest.mark.parametrize(
    "how",
    [{"compress": 6}, {"whole": 6}, {"data_type": "CDF_DOUBLE"}, {"data_type": "CDF_REAL4"}],
    ids=str,
)
def test_other_ways_to_store_the_same(data, crowd, how):
    write_file(data / "S1" / FIRST, world_mm(crowd), **how)
    np.testing.assert_allclose(of_s1(poses.load(data))[0][:6], crowd[::10], atol=1e-5)


def test_column_majority(data, crowd):
    recorded = world_mm(crowd).reshape(-1, 96)
    write_file(data / "S1" / FIRST, recorded.T.reshape(1, -1, 96))
    content = bytearray((data / "S1" / FIRST).read_bytes())
    content[8 + 35] ^= 1
    (data / "S1" / FIRST).write_bytes(content)
    np.testing.assert_allclose(of_s1(poses.load(data))[0][:6], crowd[::10], atol=1e-5)


def version_2(recorded):
    """A file of CDF 2.6, whose offsets have 4 bytes."""

    def record(kind, *numbers, rest=b""):
        body = struct.pack(f">{1 + len(numbers)}i", kind, *numbers) + rest
        return struct.pack(">i", 4 + len(body)) + body

    about = b"Pose".ljust(64, b"\0") + struct.pack(">5i", 2, len(recorded), 96, -1, -1)
    summary_at, variable_at, index_at, values_at = 312, 372, 520, 552
    return b"".join(
        (
            bytes.fromhex("cdf260020000ffff"),
            record(1, summary_at, 2, 6, 6, 3, 0, 0, 0, 0, 0, rest=bytes(256)),
            record(2, 0, variable_at, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0),
            record(8, 0, 21, 0, index_at, index_at, 1, 0, 0, 0, 0, 1, 0, -1, 0, rest=about),
            record(6, 0, 1, 1, 0, 0, values_at),
            record(7, rest=recorded.astype("<f4").tobytes()),
        )
    )


def test_version_2_is_read(data, crowd):
    content = version_2(world_mm(crowd))
    (data / "S1" / FIRST).write_bytes(content)
    np.testing.assert_allclose(of_s1(poses.load(data))[0][:6], crowd[::10], atol=1e-5)


BAD = {
    "another variable": ({"name": "Angles"}, "the file must hold a variable `Pose`, but holds .'Angles'.; extract"),
    "whole numbers": ({"data_type": "CDF_INT4"}, "`Pose` must hold floats, but holds CDF_INT4; extract"),
    "17 joints": ({"shape": (1, -1, 51)}, r"`Pose` must have the shape \(1, frames, 96\) .* but has \(1, 60, 51\)"),
    "two records": ({"shape": (2, -1, 96)}, r"`Pose` must have the shape .* but has \(2, 30, 96\)"),
    "flat": ({"shape": (60, 96)}, r"`Pose` must have the shape .* but has \(60, 96\)"),
}


@pytest.mark.parametrize("case", BAD)
def test_another_content_is_refused(data, crowd, case):
    how, message = BAD[case]
    recorded = world_mm(crowd)[:, :17] if "17" in case else world_mm(crowd)
    kind = np.int32 if "whole" in case else np.float32
    write_file(data / "S1" / FIRST, recorded.astype(kind), **how)
    refuse(data, f"^S1/{FIRST}: {message}")


def claims():
    """Places in a file of one variable, and what a damaged one may claim there."""
    header, variable, index = 320, 404, 768 + 23_052
    return {
        "size of the first record": (8, ">q", 2**40, "a record of kind 1 and 1099511627776 bytes"),
        "dimensions of all": (header + 56, ">i", 2**30, "1073741824 dimensions"),
        "variables": (header + 60, ">i", 2**30, "1073741824 variables"),
        "more variables": (header + 60, ">i", 900, "a record"),
        "dimensions of one": (variable + 340, ">i", 2**30, "1073741824 dimensions"),
        "frames": (variable + 344, ">i", 2**30, r"must have the shape .* but has \(1, 1073741824, 96\)"),
        "more frames than stored": (variable + 344, ">i", 61, "23,040 bytes for 61 frames"),
        "records": (variable + 24, ">i", 2**30, r"must have the shape .* but has \(1073741825, 60, 96\)"),
        "no record": (variable + 24, ">i", -1, r"must have the shape .* but has \(0, 60, 96\)"),
        "entries": (index + 20, ">i", 2**30, "1073741824 entries"),
        "used entries": (index + 24, ">i", 2**30, "1073741824 used entries"),
        "an index in itself": (index + 12, ">q", index, "two ways"),
    }


@pytest.mark.parametrize("case", claims())
def test_false_claims_are_refused_before_they_cost(data, crowd, case):
    place, layout, value, message = claims()[case]
    file = data / "S1" / FIRST
    content = bytearray(file.read_bytes())
    assert content[404 + 84 :][:4] == b"Pose"
    struct.pack_into(layout, content, place, value)
    file.write_bytes(content)
    refuse(data, f"^S1/{FIRST}: .*({message})")


def test_a_file_without_frames_is_to_be_left_out(data, crowd):
    file = data / "S1" / FIRST
    content = bytearray(file.read_bytes())
    struct.pack_into(">i", content, 404 + 344, 0)
    file.write_bytes(content)
    refuse(data, f"^S1/{FIRST}: .*leave it out")


@pytest.mark.parametrize("how", ["compress", "whole"])
def test_a_compressed_part_that_swells_is_refused(data, crowd, how, monkeypatch):
    write_file(data / "S1" / FIRST, world_mm(crowd), **{how: 6})
    monkeypatch.setattr(official_cdf, "MOST_BYTES", 15_000)
    refuse(data / "S1" / FIRST, "a compressed part that is cut off or too large")


def test_a_file_larger_than_any_sequence_is_not_read(data, monkeypatch):
    monkeypatch.setattr(official_cdf, "MOST_BYTES", 5_000)
    refuse(data, f"^S1/{FIRST}: a data file must be whole, .* bytes, which no sequence has")
