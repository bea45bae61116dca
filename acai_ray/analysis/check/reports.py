"""Two reports compared file by file, each by its kind."""

from collections.abc import Iterator, Mapping

from acai_ray.analysis.check import frames, markup, pictures, texts
from acai_ray.analysis.check.rounding import Agree, printed
from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.report import contents, page_of


def disagreements(analysis: Analysis) -> list[str]:
    """Where a study's written report differs from the one that its tables give now; see `differences`."""
    folder = page_of(analysis.results.path).parent
    written = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return list(differences(written, contents(analysis)))


def differences(written: Mapping[str, bytes], made: Mapping[str, bytes]) -> Iterator[str]:
    """Where two reports, the files' contents by name, say something else; one sentence a file.

    Compared is what is said. Text and structure must be the same, a printed number except where it lies on the
    boundary of its rounding, unrounded numbers, places in drawings, pixels and the page's arrays up to what processors
    and libraries round otherwise. Ids, hashes, and how something is encoded say nothing.
    """
    agree = printed(frames.exact_numbers(made))
    for name, content in made.items():
        if name not in written:
            yield f"{name} is missing"
        elif written[name] != content and (difference := _difference(name, written[name], content, agree)):
            yield f"{name}: {difference}"
    for name in sorted(written.keys() - made.keys()):
        yield f"{name} is not made from these tables"


def _difference(name: str, written: bytes, made: bytes, agree: Agree) -> str:
    kind = name.rpartition(".")[2]
    if kind == "parquet":
        return frames.between_parquet(written, made)
    if kind == "png":
        return pictures.between_png(written, made)
    if kind == "pdf":
        return pictures.between_pdf(written, made)
    text, true = (content.decode(errors="replace").replace("\r\n", "\n") for content in (written, made))
    if kind == "csv":
        return frames.between_csv(text, true)
    if kind in ("html", "svg"):
        return markup.difference(text, true, agree)
    found = texts.difference(text, true, agree)
    return f"{texts.line_of(text, found[0])} {found[1]}" if found else ""
