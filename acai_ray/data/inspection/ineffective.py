"""Options that were given, but cannot have an effect on this data: one sentence an option."""

from collections.abc import Iterator

from acai_ray.common.errors import UserError
from acai_ray.data.inspection.repair import world_up
from acai_ray.poses import cameras
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.loading import Opened
from acai_ray.poses.readers import bvh, synthetic


def of_options(opened: Opened) -> Iterator[str]:
    """What was asked for in vain."""
    for field, flag, reason in _ineffective(opened):
        if field in opened.options.model_fields_set:
            yield f"an option should have an effect, but {flag} has none here: {reason}; leave it out"


def _ineffective(opened: Opened) -> Iterator[tuple[str, str, str]]:
    """Field of `LoadOptions`, its option and the reason, whether it was given or not."""
    if opened.form != synthetic.FORM:
        yield "seed", "--people-seed", f"it makes the people of `{synthetic.NAME}`, and these are read from a file"
    if opened.form != bvh.FORM:
        yield "joints", "--joints", "it is for BVH files"
        yield "subject_pattern", "--subject-pattern", "it is for BVH files"
    worlds = [part for part in opened.source.recordings if world_up(part, opened.options) is not None]
    if not worlds:
        yield "views", "--views", "the poses are in a camera's axes already"
        return
    if all(part.cameras for part in worlds):
        yield "cameras", "--cameras", "the data holds its own"
    if _real(opened) or all(part.cameras for part in worlds):
        yield "views", "--views", "real cameras see the poses"
        if all(part.up for part in worlds):
            yield "up", "--up", "real cameras see the poses, and their axes say what is up"


def _real(opened: Opened) -> Cameras | None:
    try:
        return cameras.find(opened.path, opened.options)
    except UserError:
        return None
