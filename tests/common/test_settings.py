"""Settings of any kind: unknown keys are refused, and a mistake is one sentence."""

import pytest

from acai_ray.common.errors import UserError
from acai_ray.common.settings import parse
from acai_ray.poses import LoadOptions


def test_any_record_of_settings_is_parsed_the_same_way() -> None:
    with pytest.raises(UserError, match="options of the data: views: input should be greater than or equal to 1"):
        parse(LoadOptions, {"views": 0}, "options of the data")
