"""The pictures show the poses that are there, left where left is, at their speed."""

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from PIL import Image

from acai_ray.common.drawing import INK, LEFT, RIGHT, draw_pose, segments
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import BONES, JOINTS
from acai_ray.data import preview
from acai_ray.data.preview import scene
from acai_ray.poses import PoseSet
from acai_ray.poses.index import named

WRIST = BONES.index((JOINTS.index("left_wrist"), JOINTS.index("left_elbow")))


def lines_of(figure: Figure) -> list[LineCollection]:
    return [lines for ax in figure.axes for lines in ax.collections if isinstance(lines, LineCollection)]


def renamed(pose_set: PoseSet, **names: str) -> PoseSet:
    columns = {name: named(np.zeros(len(pose_set), dtype=int), [value]) for name, value in names.items()}
    return replace(pose_set, index=pose_set.index.assign(**columns))


def test_a_bone_is_drawn_from_parent_to_child_in_the_colour_of_its_side(pose_set: PoseSet) -> None:
    pose = pose_set.poses[7]
    lines = draw_pose(Figure().subplots(), pose)
    elbow, wrist = (pose[JOINTS.index(f"left_{joint}")] for joint in ("elbow", "wrist"))
    drawn = lines.get_segments()[WRIST]
    np.testing.assert_allclose(drawn, [[elbow[0], -elbow[1]], [wrist[0], -wrist[1]]])
    for (child, _), colour in zip(BONES, lines.get_colors(), strict=True):
        side = JOINTS[child].split("_")[0]
        assert same_color(colour, {"left": LEFT, "right": RIGHT}.get(side, INK))


def test_from_the_side_what_is_near_the_camera_is_at_the_left(pose_set: PoseSet) -> None:
    pose = pose_set.poses[7]
    side = segments(pose, "side")
    np.testing.assert_allclose(side[WRIST, 1], pose[JOINTS.index("left_wrist")][[2, 1]] * [1, -1])


def test_poses_stand_on_the_ground(pose_set: PoseSet) -> None:
    poses = scene.grounded(pose_set.poses[:50])
    np.testing.assert_allclose(poses[..., 1].max(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(poses[..., 0].max(axis=1), -poses[..., 0].min(axis=1), atol=1e-6)
    size = scene.extent(poses)
    assert size.height > -poses[..., 1].min()
    assert size.width > np.ptp(poses[..., 0])


@pytest.mark.parametrize("count", [1, 5, 14])
def test_the_grid_shows_every_pose_twice_with_its_name(pose_set: PoseSet, count: int) -> None:
    rows = preview.at_random(preview.seen_by(pose_set, None), count, seed=1)
    figure = preview.grid(pose_set, rows)
    lines = lines_of(figure)
    assert len(lines) == 2 * count
    for row, front, side in zip(rows, lines[::2], lines[1::2], strict=True):
        grounded = scene.grounded(pose_set.poses[row : row + 1])[0]
        np.testing.assert_allclose(front.get_segments(), segments(grounded))
        np.testing.assert_allclose(side.get_segments(), segments(grounded, "side"))
    named_as = [text.get_text() for ax in figure.axes for text in ax.texts]
    index = pose_set.index.iloc[rows]
    assert named_as == [f"{who} · {what}" for who, what in zip(index["subject"], index["action"], strict=True)]
    (legend,) = figure.legends
    told = {
        text.get_text(): handle.get_color() for text, handle in zip(legend.texts, legend.legend_handles, strict=True)
    }
    assert told == {"the person's left": LEFT, "the person's right": RIGHT, "trunk and head": INK}


def test_views_do_not_overlap_and_have_one_scale(pose_set: PoseSet) -> None:
    figure = preview.grid(pose_set, preview.at_random(np.arange(len(pose_set)), 8, seed=0))
    places = [ax.get_position() for ax in figure.axes]
    for number, one in enumerate(places):
        assert 0 <= one.x0 < one.x1 <= 1
        assert 0 <= one.y0 < one.y1 <= 1
        assert not any(one.overlaps(other) and _area(one, other) > 1e-9 for other in places[number + 1 :])
    inches = [
        place.width * figure.get_figwidth() / np.ptp(ax.get_xlim())
        for ax, place in zip(figure.axes, places, strict=True)
    ]
    np.testing.assert_allclose(inches[::2], inches[0])
    np.testing.assert_allclose(inches[1::2], 0.6 * inches[0])


def _area(one, other) -> float:
    return max(0, min(one.x1, other.x1) - max(one.x0, other.x0)) * max(0, min(one.y1, other.y1) - max(one.y0, other.y0))


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    figure = Figure((8, 4))
    bar = scene.scale_bar(figure, inches_per_m=1.5, left=1.0, bottom=1.0)
    assert np.ptp(bar.get_xdata()) * 8 == pytest.approx(1.5 * scene.BAR_M)
    assert figure.texts[0].get_text() == f"{scene.BAR_M:g} m"


def test_the_same_poses_give_the_same_picture(pose_set: PoseSet) -> None:
    one, other = (preview.png(preview.grid(pose_set, np.arange(3))) for _ in range(2))
    assert one == other
    assert one.startswith(b"\x89PNG")


def test_letters_that_the_font_lacks_are_no_failure(pose_set: PoseSet) -> None:
    assert preview.png(preview.grid(renamed(pose_set, subject="走る $\\frac{", action="\x1b[1m"), np.arange(2)))


def longest(pose_set: PoseSet) -> np.ndarray:
    return preview.sequence(pose_set, preview.seen_by(pose_set, None), None)


def test_the_gif_has_a_picture_a_pose_and_they_differ(pose_set: PoseSet) -> None:
    shown = preview.motion(pose_set, np.arange(6), rate=12.5)
    gif = Image.open(BytesIO(preview.gif(shown)))
    assert (gif.n_frames, gif.info["duration"], gif.info["loop"]) == (6, 80, 0)
    pictures = []
    for number in range(gif.n_frames):
        gif.seek(number)
        pictures.append(np.asarray(gif.convert("L"), dtype=int)[60:-30])
    assert all((one != other).any() for one, other in pairwise(pictures))


@pytest.mark.parametrize(
    ("rate", "count", "shown", "rate_shown", "timed", "cut"),
    [
        (10.0, 40, 40, 10, True, False),
        (12.5, 200, 150, 12.5, True, True),
        (50.0, 100, 20, 10, True, False),
        (120.0, 240, 20, 10, True, False),
        (None, 40, 40, 10, False, False),
    ],
)
def test_a_motion_lasts_as_long_as_it_took(pose_set, rate, count, shown, rate_shown, timed, cut) -> None:
    motion = preview.motion(pose_set, np.arange(count), rate)
    assert (len(motion.poses), motion.rate, motion.timed, motion.cut) == (shown, rate_shown, timed, cut)
    if timed and not cut:
        assert motion.seconds == pytest.approx(count / rate)


def test_the_longest_sequence_is_shown_in_the_order_of_its_frames(pose_set: PoseSet) -> None:
    rows = longest(pose_set)
    index = pose_set.index.iloc[rows]
    assert index[["subject", "sequence", "camera"]].drop_duplicates().shape[0] == 1
    assert index["frame"].is_monotonic_increasing
    counts = pose_set.index.iloc[preview.seen_by(pose_set, None)].groupby(["subject", "sequence"], observed=True).size()
    assert len(rows) == counts.max()


def test_a_sequence_is_found_by_its_name_and_with_its_person(pose_set: PoseSet) -> None:
    seen = preview.seen_by(pose_set, None)
    by_person = pose_set.index.iloc[preview.sequence(pose_set, seen, "A07 walk 2")]
    assert set(by_person["subject"]) == {"A07"}
    by_name = pose_set.index.iloc[preview.sequence(pose_set, seen, "walk 2")]
    assert set(by_name["sequence"]) == {"walk 2"}
    assert by_name["subject"].nunique() == 1


def test_unknown_names_are_refused_with_near_ones(pose_set: PoseSet) -> None:
    seen = preview.seen_by(pose_set, None)
    with pytest.raises(UserError, match=r"there must be a sequence 'wakl 2', but there is none; near it are .*walk 2"):
        preview.sequence(pose_set, seen, "wakl 2")
    with pytest.raises(UserError, match=r"there must be a camera 'yaw91', .* near it are .*yaw090"):
        preview.seen_by(pose_set, "yaw91")
    unnamed = renamed(pose_set, sequence="", subject="", camera="")
    with pytest.raises(UserError, match="but it names none; leave --sequence out"):
        preview.sequence(unnamed, seen, "walk 2")


def test_poses_without_sequences_and_cameras_are_shown_too(pose_set: PoseSet) -> None:
    unnamed = renamed(pose_set, sequence="", camera="", action="")
    seen = preview.seen_by(unnamed, None)
    assert len(seen) == len(pose_set)
    rows = preview.sequence(unnamed, seen, None)
    assert len(rows) == unnamed.index["subject"].value_counts().max()
    assert preview.motion(unnamed, rows, None).title == unnamed.index["subject"].iloc[rows[0]]
    assert lines_of(preview.grid(unnamed, rows[:2]))


def test_one_camera_a_person_is_seen(pose_set: PoseSet) -> None:
    index = pose_set.index.iloc[preview.seen_by(pose_set, None)]
    assert index.groupby("subject", observed=True)["camera"].nunique().eq(1).all()
    assert set(pose_set.index["camera"].iloc[preview.seen_by(pose_set, "yaw180")]) == {"yaw180"}


def test_random_poses_are_all_where_there_are_no_more() -> None:
    np.testing.assert_array_equal(preview.at_random(np.array([3, 5, 9]), 24, seed=0), [3, 5, 9])
    few = preview.at_random(np.arange(100), 24, seed=0)
    assert len(np.unique(few)) == 24
    np.testing.assert_array_equal(few, preview.at_random(np.arange(100), 24, seed=0))
