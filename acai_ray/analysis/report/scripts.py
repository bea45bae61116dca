"""The page's scripts: Plotly and our own, embedded, and the policy that lets no other script run."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup
from plotly.offline import get_plotlyjs

OURS = ("latent.js", "theme.js", "map.js", "scene.js", "explorer.js", "page.js")
"""In the order they build on each other."""


def page_scripts() -> list[Markup]:
    """The text of every script, to be put between tags as it is."""
    folder = files("acai_ray.analysis.report") / "templates"
    return [script(get_plotlyjs()), *(script((folder / name).read_text(encoding="utf-8")) for name in OURS)]


def policy(scripts: Sequence[str]) -> str:
    """A content security policy: exactly these scripts, no other, nothing from anywhere else.

    The page's styles and pictures are its own; Plotly adds style rules while it draws.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    allowed = f"script-src {hashes}; " if scripts else ""
    return f"default-src 'none'; {allowed}style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def script(text: str) -> Markup:
    """A script of ours or of a library, to be put between tags as it is."""
    unix = text.replace("\r\n", "\n")  # as a browser reads it, so that the hash fits
    assert "</script" not in unix.lower(), "a script must not end its own tag"
    assert "<!--" not in unix, "a script must not open a comment"
    return Markup(unix)  # noqa: S704 - Plotly's and our own files, nothing from a study


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
