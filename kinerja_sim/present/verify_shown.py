"""What `kinerja verify` found, in words: which number is stale, edited or bound to nothing, and the doctor's faults."""

from __future__ import annotations

from collections.abc import Sequence

from kinerja_sim.present.doctor import Fault, fault_text
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.verify import Check, Report

LONGEST = 90


def report_lines(report: Report, faults: Sequence[Fault], lang: str) -> list[str]:
    """Return a report as lines of text: what fails first, then what is only worth knowing, then the doctor's faults."""
    t = translator(lang)
    bound, names = t.number(report.n_bound), t.number(report.n_names)
    lines = [
        t("{file}: {bound} numbers recomputed from {folder}; {names} more stand in names and sources.",
          file=report.path.name, bound=bound, folder=str(report.folder), names=names)
    ]  # fmt: skip
    failing = [check for check in report.checks if check.fails]
    lines += [check_line(check, t) for check in failing]
    lines += [t("Note: {text}", text=check_line(check, t)) for check in report.checks if not check.fails]
    if report.holds:
        lines.append(t("Every number shown is what the results say."))
    else:
        lines.append(
            t.plural("{n} number or word does not hold.", "{n} numbers or words do not hold.", len(failing))
        )  # fmt: skip
    lines += [
        t("Doctor: {where} {what} {found}", where=f.where, what=fault_text(f.code, t), found=f.found).strip()
        for f in faults
    ]
    return lines


def check_line(check: Check, t: Translator) -> str:
    """Return one thing found as a line of text."""
    values = {"where": check.where, "shown": _cut(check.shown), "expected": _cut(check.expected)}
    return {
        "stale": t("{where}: {shown} is stale, the results now say {expected}", **values),
        "edited": t("{where}: {shown} is not what the results say, {expected}", **values),
        "missing": t("{where}: {expected} was there and is gone", **values),
        "overclaims": t("{where}: the results do not say “{shown}” but “{expected}”", **values),
        "not_bound": t("{where}: {shown} is not bound to any result", **values),
        "changed_tables": t("{where}: the table was changed after the run wrote it", **values),
        "other_run": t("the file shows run {shown}, the results are of run {expected}", **values),
        "reworded": t("{where}: reworded, the numbers hold: “{shown}”", **values),
        "removed": t("{where}: taken out", **values),
        "other_tables": t("{where}: not the bytes that the file was made from", **values),
        "picture": t("{where}: a picture that was added; its numbers cannot be read", **values),
    }[check.status]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
