"""The report: an analysis in, one HTML page that opens from disk out, and what a paper needs as files."""

from acai_ray.analysis.report.writing import contents, page_of, write

__all__ = ["contents", "page_of", "write"]
