"""What a user may say about pose data: the options of `acai_ray.poses.load`."""

from typing import Literal, Self

from pydantic import Field, model_validator

from acai_ray.common.settings import Settings


class LoadOptions(Settings):
    """Options of `acai_ray.poses.load`; what is not given is taken from the file or has a default."""

    frame: Literal["camera", "world"] | None = Field(
        None, description="axes of the poses; poses in world axes are seen by cameras"
    )
    up: Literal["y", "z"] | None = Field(None, description="the axis that points up in a world frame")
    unit: Literal["m", "cm", "mm"] | None = Field(None, description="unit of the coordinates")
    scale: Literal["bones"] | None = Field(
        None, description="`bones` scales every pose to one total bone length, for poses without a metric scale"
    )
    views: int = Field(4, ge=1, le=360, description="virtual cameras around world poses, evenly spaced in yaw")
    cameras: str | None = Field(
        None,
        description="a camera-parameters.json of real cameras, or `virtual`; unless given, one beside the data is used",
    )
    every: int | None = Field(None, ge=1, description="take every n-th pose of a sequence; 1 takes all")
    train: tuple[str, ...] | None = Field(
        None, description="training subjects; if only other subjects are listed, all who are not"
    )
    valid: tuple[str, ...] | None = Field(
        None, description="validation subjects; if only other subjects are listed, there are none"
    )
    test: tuple[str, ...] | None = Field(None, description="test subjects")
    protocol: Literal["default", "report"] = Field(
        "default",
        description="`report` trains on the validation subjects too, as the report does, and leaves valid empty",
    )
    joints: str | None = Field(
        None,
        description="joints of the arrays, such as `smpl22`, `coco17` or `mpi28`; or a YAML file that says where the "
        "Human3.6M joints are among those of arrays or of a BVH skeleton",
    )
    subject_pattern: str | None = Field(
        None, description="regular expression for the path of a file in a folder; its first group is the subject"
    )
    seed: int = Field(0, ge=0, description="seed of the synthetic people")

    @model_validator(mode="after")
    def _camera_axes_have_no_up(self) -> Self:
        if self.frame == "camera" and self.up is not None:
            raise ValueError(f"up must be left out where frame is camera, but is {self.up}")
        return self

    @model_validator(mode="after")
    def _one_split(self) -> Self:
        if self.protocol == "report" and self.names_subjects:
            raise ValueError("protocol must be left out where subjects are listed, but is report")
        return self

    @model_validator(mode="after")
    def _one_scale(self) -> Self:
        if self.scale and self.unit:
            raise ValueError(f"unit must be left out where scale is {self.scale}, but is {self.unit}")
        return self

    @property
    def names_subjects(self) -> bool:
        """Whether the split is given by lists of subjects."""
        return any(names is not None for names in (self.train, self.valid, self.test))
