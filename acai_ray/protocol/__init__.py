"""What is fixed before any study: primary metrics and margins, phases, arms, controls, and the rule of a verdict.

`judge` is imported when it is first used, so that a command can list its options without importing pandas.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acai_ray.protocol.judging import judge

__all__ = ["judge"]


def __getattr__(name: str) -> Any:
    if name == "judge":
        from acai_ray.protocol.judging import judge

        return judge
    raise AttributeError(f"module 'acai_ray.protocol' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
