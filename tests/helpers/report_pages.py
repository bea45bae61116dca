"""A report opened in a browser."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.helpers.study_factory import Trial

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


SOFTWARE_GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")


PATIENCE_MS = 600_000  # the cores may be shared


Seen = TypeVar("Seen")


def awaited(page: Any, look: Callable[[], Seen], wanted: Callable[[Seen], Any]) -> Seen:
    """What is seen in a page as soon as it is as wanted; what is seen at last, where it never is."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not wanted(seen := look()) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    return seen


@dataclass
class Visit:
    """A page that was opened, and all it asked for or complained of."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def skeleton(self, arm: str) -> Any:
        """The coordinates drawn in a scene."""
        traces = self.page.evaluate(f"document.getElementById('scene-{arm}').data.map(t => [t.x, t.y, t.z ?? []])")
        return json.loads(json.dumps(traces))

    def eye(self, arm: str) -> list[float]:
        """Where a scene is looked at from; Plotly keeps what a drag did in the scene alone."""
        scene = f"document.getElementById('scene-{arm}')._fullLayout.scene._scene"
        return self.page.evaluate(f"(() => {{ const {{ x, y, z }} = {scene}.getCamera().eye; return [x, y, z]; }})()")

    def text(self, name: str) -> str:
        return self.page.locator(f"#{name}").text_content()


def trials() -> list[Trial]:
    vanilla = [Trial(f"v{d}", "grid", 0.0, range(2), latent_dim=d, pictures=True) for d in (8, 16)]
    acai = [
        Trial(f"a{d}-{place}", "grid", lam, range(2), latent_dim=d, gamma=0.1 * place, pictures=True)
        for d in (8, 16)
        for place, lam in enumerate((0.01, 0.1, 0.5))
    ]
    return [*vanilla, *acai]


def models(chosen: list[Trial]) -> dict[str, dict[str, Any]]:
    return {f"{trial.trial_id}-0": {"latent_dim": trial.latent_dim, "lam": trial.lam} for trial in chosen}


@contextmanager
def visit(browser: Any, folder: Path, **context: Any) -> Iterator[Visit]:
    """A study's report whose explorer has drawn; closed afterwards, for every open page keeps two WebGL contexts."""
    with browser.new_context(**context) as tab:
        tab.set_default_timeout(PATIENCE_MS)
        seen = Visit(tab.new_page())
        seen.page.on("console", lambda message: message.type == "error" and seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.goto((folder / "report" / "index.html").as_uri())
        seen.page.locator("#explorer[data-ready]").wait_for()
        yield seen
