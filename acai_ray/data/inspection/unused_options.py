"""Options that were given, but have no effect on this data: one sentence for each option."""

from collections.abc import Iterator

from acai_ray.common.errors import UserError
from acai_ray.poses import cameras, command_options
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.loading import Opened
from acai_ray.poses.readers import plain, sequence_folder, split_folder, synthetic
from acai_ray.poses.selection import world_up


def options_without_effect(opened: Opened) -> Iterator[str]:
    """Sentences on options that the user gave in vain."""
    for field, reason in _without_effect(opened):
        if field in opened.options.model_fields_set:
            flag = command_options.flag(field)
            yield f"an option should have an effect, but {flag} has none here: {reason}; leave it out"


def _without_effect(opened: Opened) -> Iterator[tuple[str, str]]:
    """Fields of `LoadOptions` that have no effect on this data, given or not, and the reason."""
    if opened.form != synthetic.FORM:
        yield "seed", f"it makes the people of `{synthetic.NAME}`, and these are read from a file"
    motion_capture = opened.source.motion_capture
    if not motion_capture and opened.form not in (plain.FORM, sequence_folder.FORM, split_folder.FORM):
        yield "joints", "it is for motion capture (BVH, AMC) and plain arrays"
    if not motion_capture and opened.form != sequence_folder.FORM:
        yield "subject_pattern", "it is for motion capture (BVH, AMC) and folders of array files"
    worlds = [part for part in opened.source.recordings if world_up(part, opened.options) is not None]
    if not worlds:
        yield "views", "the poses are in a camera's axes already"
        return
    if all(part.cameras for part in worlds):
        yield "cameras", "the data holds its own"
    if _real(opened) or all(part.cameras for part in worlds):
        yield "views", "real cameras see the poses"
        if all(part.up for part in worlds):
            yield "up", "real cameras see the poses, and their axes say what is up"


def _real(opened: Opened) -> Cameras | None:
    try:
        return cameras.find(opened.path, opened.options)
    except UserError:
        return None
