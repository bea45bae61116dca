"""Watching studies while a sweep writes them: analyse again whenever their tables change, until all are finished."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from acai_ray import store
from acai_ray.analysis import report
from acai_ray.analysis.command import Outcome, analysed, beside, conclude
from acai_ray.analysis.compare.answer import field
from acai_ray.analysis.report.live import Live
from acai_ray.analysis.wording import clean
from acai_ray.common.errors import UserError
from acai_ray.protocol.primary import parse_margins

LOOK_S = 1.0
"""Seconds between two looks at the folders' times of change."""

Signature = tuple[int, ...]


def watch(path: Path, margin_options: Sequence[str], every_s: float) -> int:
    """Keep the pages of the study at `path`, or of every study in that folder, fresh while a sweep runs.

    Args:
        path: a study or the folder of studies.
        margin_options: as for `command.run`.
        every_s: the least number of seconds between two analyses, and between two reloads of an open page.

    Raises:
        UserError: there is no study, or a margin is wrong.
        KeyboardInterrupt: the user ended it; the pages no longer reload themselves.

    Returns:
        The exit code of the last analysis, made when every study is finished.
    """
    margins = parse_margins(margin_options)
    outcomes: dict[Path, Outcome] = {}
    seen: dict[Path, Signature] = {}
    try:
        while True:
            now = {study: signature(study) for study in store.studies(path)}
            for study in [study for study in now if now[study] != seen.get(study)]:
                outcomes[study] = _round(study, margins, every_s, outcomes.get(study))
            seen = now
            if not any(_running(outcomes[study]) for study in now):
                return conclude(path, [outcomes[study] for study in now])
            _refresh(path, [outcomes[study] for study in now])
            _wait(path, seen, every_s)
    except KeyboardInterrupt:
        for outcome in outcomes.values():
            if outcome.analysis and _running(outcome):
                report.write(outcome.analysis)
        raise


def signature(study: Path) -> Signature:
    """Times of change of `study.json` and the table folders, which a new or replaced file moves; cheap to look at."""
    return tuple(_changed(study / name) for name in ("study.json", *store.TABLES))


def change(before: Outcome | None, after: Outcome) -> str:
    """What an analysis shows, in one line: how many of the known runs are done, and what is new since the last one."""
    name = clean(after.study.name)
    if after.analysis is None:
        return f"{name}: {clean(after.why)}"
    now = _counts(after)
    was = _counts(before) if before else dict.fromkeys(now, 0)
    news = [f"{now[what] - was[what]:+d} {what}" for what in now if now[what] != was[what]]
    first = "" if before else "first look, "
    return f"{name}: {now['runs done']} of {now['runs']} runs done; {first}{', '.join(news) or 'no new numbers'}"


def _round(study: Path, margins: Mapping[str, float], every_s: float, before: Outcome | None) -> Outcome:
    """One analysis and its line; the page reloads itself only where the study goes on."""
    made = datetime.now().astimezone()
    live = Live(f"{made:%Y-%m-%d %H:%M:%S %Z}", every_s) if _goes_on(study) else None
    outcome = analysed(study, margins, live)
    print(f"{made:%H:%M:%S}  {change(before, outcome)}", flush=True)
    return outcome


def _goes_on(study: Path) -> bool:
    try:
        return bool(field(store.read_study(study), "status") != "finished")
    except UserError:
        return False


def _running(outcome: Outcome) -> bool:
    return outcome.analysis is not None and bool(field(outcome.analysis.results.study, "status") != "finished")


def _refresh(path: Path, outcomes: Sequence[Outcome]) -> None:
    try:
        beside(path, outcomes)
    except UserError as error:
        print(f"error: {error}", flush=True)


def _wait(path: Path, seen: Mapping[Path, Signature], every_s: float) -> None:
    """Return when something has changed and the interval has passed."""
    time.sleep(every_s)
    while {study: signature(study) for study in store.studies(path)} == seen:
        time.sleep(LOOK_S)


def _counts(outcome: Outcome) -> dict[str, int]:
    assert outcome.analysis is not None
    results = outcome.analysis.results
    status = results.runs["status"]
    return {
        "runs": len(status),
        "runs done": int((status == "done").sum()),
        "runs failed or diverged": int(status.isin(["failed", "diverged"]).sum()),
        "epochs": len(results.history),
        "damaged files": len(results.damaged),
    }


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
