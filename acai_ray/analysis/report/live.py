"""What the page of a study says and does in addition while the study is watched."""

from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from acai_ray.analysis.report.scripts import script


@dataclass(frozen=True)
class Live:
    """A page that reloads itself: when it was made, and after how many seconds it looks for a newer one."""

    made: str
    every_s: float

    @property
    def notice(self) -> str:
        """What stands on top of the page."""
        return (
            f"This study is running and being watched: the page was made at {self.made} and reloads itself every "
            f"{self.every_s:g} s while you do not use it; your place in it stays."
        )


def live_script() -> Markup:
    """The script that reloads the page and keeps the reader's place."""
    return script((files("acai_ray.analysis.report") / "templates" / "live.js").read_text(encoding="utf-8"))
