"""The methods of a study as Markdown with Pandoc's citations, as LaTeX, and their BibTeX entries."""

import re

from acai_ray.analysis.methods.references import REFERENCES, Reference
from acai_ray.analysis.methods.sentences import Methods, Sentence
from acai_ray.analysis.tables import latex

MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|$@~^])")
"""What Pandoc's Markdown reads as markup."""


def method_files(methods: Methods) -> dict[str, bytes]:
    """The content of each file, by name."""
    texts = {"methods.md": markdown(methods), "methods.tex": tex(methods), "references.bib": bibtex(methods)}
    return {name: text.encode() for name, text in texts.items()}


def markdown(methods: Methods) -> str:
    """A heading and a paragraph each, then the references."""
    paragraphs = [
        f"## {title}\n\n{' '.join(_cited(_escaped(said.text), said, ' [{}]', '@{}', '; ') for said in sentences)}\n"
        for title, sentences in methods.paragraphs.items()
    ]
    references = [f"- {key}: {_escaped(REFERENCES[key].text)}" for key in methods.cited]
    return "\n".join(["# Methods\n", *paragraphs, "## References\n", *references, ""])


def tex(methods: Methods) -> str:
    r"""A `\paragraph` each; the citations are those of `references.bib`."""
    paragraphs = [
        rf"\paragraph{{{title}.}} "
        + " ".join(_cited(latex.escape(said.text), said, r"~\cite{{{}}}", "{}", ",") for said in sentences)
        for title, sentences in methods.paragraphs.items()
    ]
    return "\n\n".join([r"% needs \bibliography{references}", *paragraphs]) + "\n"


def bibtex(methods: Methods) -> str:
    """The entries of the works that are cited, no others."""
    return "\n".join(_entry(key, REFERENCES[key]) for key in methods.cited)


def _cited(text: str, said: Sentence, group: str, single: str, between: str) -> str:
    """The sentence with its citations before the full stop."""
    keys = between.join(single.format(key) for key in said.cites)
    return f"{text.removesuffix('.')}{group.format(keys)}." if keys else text


def _escaped(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", text)


def _entry(key: str, work: Reference) -> str:
    archive = {"archiveprefix": "arXiv"} if "eprint" in work.fields else {}
    fields = {"year": work.year, **work.fields, **archive}
    authors = latex.escape(" and ".join(work.authors))
    lines = [f"  author = {{{authors}}}", f"  title = {{{{{latex.escape(work.title)}}}}}"]
    lines += [f"  {name} = {{{latex.escape(value)}}}" for name, value in fields.items() if value]
    return f"@{work.kind}{{{key},\n" + ",\n".join(lines) + "\n}\n"
