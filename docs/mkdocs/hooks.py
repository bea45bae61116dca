"""What the build of the site adds: equations as pictures, and names in place of links that leave the manual."""

import base64
import re
from html import escape
from io import BytesIO
from typing import Any

from matplotlib import rc_context
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import math_to_image

OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./([^)#]+)(?:#[^)]*)?\)")
"""A link to a file of the repository that is no page of the site."""

LOOK = {"mathtext.fontset": "cm", "savefig.transparent": True, "svg.hashsalt": "acai-ray"}


def on_config(config: Any) -> None:
    """Show blocks of the language `math`, which GitHub knows too, as equations."""
    fence = {"name": "math", "class": "math", "format": equations}
    config.mdx_configs["pymdownx.superfences"] = {"custom_fences": [fence]}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Name the files that the site does not have."""
    return OUTSIDE.sub(r"\1 (`\2`)", markdown)


def equations(source: str, *_: Any, **__: Any) -> str:
    r"""A block of LaTeX; equations apart by `\qquad` are pictures of their own, so that a narrow page breaks there."""
    pictures = "".join(map(_picture, source.split(r"\qquad")))
    return f'<div class="math">{pictures}</div>'


def _picture(latex: str) -> str:
    file = BytesIO()
    with rc_context(LOOK):
        math_to_image(f"${latex.strip()}$", file, prop=FontProperties(size=12), format="svg")
    drawing = re.sub(rb"<metadata>.*?</metadata>", b"", file.getvalue(), flags=re.DOTALL)  # it holds the time
    encoded = base64.b64encode(drawing).decode()
    return f'<img alt="{escape(latex.strip())}" src="data:image/svg+xml;base64,{encoded}">'
