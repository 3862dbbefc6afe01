"""What the terminal says of a user's data: a proposed mapping with its reasons, an import, a doctor's findings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.present.i18n import Translator, translator

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from kinerja_sim.field.guess import Guess
    from kinerja_sim.field.proposals import Proposal

FEW = 6
"""Values that are shown on one line."""
_READ = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}  # texts that YAML 1.1 or 1.2 reads as no text


def mapping_text(guess: Guess, lang: str) -> str:
    """Return a proposed mapping as the text of a mapping file; every line says how sure it is, and why.

    Parameters
    ----------
    guess : what `field.guess.guess_mapping` proposes
    lang : 'id' or 'en', of the comments
    """
    t = translator(lang)
    lines = [
        "# " + t("Proposed from the first {n} rows. Read every line before you import.", n=t.number(guess.rows)),
        f"kind: {guess.kind}",
        _line("", guess.time_zone, t),
    ]
    if guess.file:
        lines.append(f"file: {_flow(guess.file)}")
    lines.append("columns:")
    for proposal in guess.columns:
        lines.append(_line("  ", proposal, t))
        if proposal.target in guess.unlisted:
            lines.append("    # " + _not_shown(guess.unlisted[proposal.target], proposal.target in ELEMENTS, t))
    if guess.answers:
        lines.append(f"answers: {_flow(guess.answers)}  # " + t("what the words of the questionnaire count"))
    if guess.unused:
        lines.append("# " + t("Not used, hence not imported: {columns}.", columns=", ".join(guess.unused)))
    return "\n".join(lines) + "\n"


def _not_shown(n: int, is_answer: bool, t: Translator) -> str:
    if is_answer:
        return t.plural(
            "{n} answer more is not known; unless you list it under `answers`, it stays empty.",
            "{n} answers more are not known; unless you list them under `answers`, they stay empty.", n,
        )  # fmt: skip
    return t.plural(
        "{n} value more is not shown; unless you list it, it becomes `other`.",
        "{n} values more are not shown; unless you list them, they become `other`.", n,
    )  # fmt: skip


def _line(indent: str, proposal: Proposal, t: Translator) -> str:
    sure = {"sure": t("sure"), "likely": t("likely to be right"), "unsure": t("unsure")}[proposal.sure]
    reason = f"  # {sure}: {_why(proposal, t)}"
    value = proposal.value
    if isinstance(value, Mapping) and len(value.get("values", ())) > FEW:
        lines = [
            f"{indent}{proposal.target}:{reason}",
            f"{indent}  column: {_flow(value['column'])}",
            f"{indent}  values:",
        ]
        return "\n".join(lines + [f"{indent}    {_flow(k)}: {_flow(v)}" for k, v in value["values"].items()])
    return f"{indent}{proposal.target}: {_flow(value)}{reason}"


def _why(proposal: Proposal, t: Translator) -> str:
    """Return the reason for one line of a proposal."""
    share = t.percent(proposal.numbers.get("share", 0.0), 1)
    return {
        "header": t("the header says so, and the cells fit"),
        "day_first": t("the header says so; the day is taken first, and no cell shows whether it is"),
        "clock": t("a date and a clock time; what lies 12 hours before its date's clock time is the next day's"),
        "unit_checked": t("the unit agrees with two clock columns in {share} of rows", share=share),
        "unit_assumed": t("nothing tells the unit; seconds are assumed"),
        "all_served": t("no column tells who left: everybody is taken to have been served"),
        "as_waited": t("whoever left is taken to have left at the end of the wait"),
        "shared_officers": t("the same officers work across the values of the likeliest column: one office"),
        "one_office": t("no column tells units apart: one office; give it a name"),
        "one_value": t("the likeliest column holds one value only"),
        "one_value_not_shown": t("the likeliest column holds one value only, which is not shown: give it a name"),
        "two_columns": t("the number alone repeats; the two together do not"),
        "repeated": t("the number repeats: is it that of a case?"),
        "first_time": t("no header speaks of arriving; the first time is taken for it"),
        "named_zone": t("a header names it"),
        "no_offset": t("times carry no offset, so none is moved; name the office's zone"),
        "one_offset": t("the offset that times carry"),
        "several_offsets": t("times carry several offsets; each keeps its own clock"),
    }[proposal.why]


def _flow(value: object) -> str:
    """Return plain data as YAML on one line; texts that YAML could read otherwise are quoted.

    Examples
    --------
    >>> _flow({"column": "#4", "empty": ["NO"], "header_row": 4})
    '{column: "#4", empty: ["NO"], header_row: 4}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_/-]*", value) and value.lower() not in _READ:
        return value
    return json.dumps(value, ensure_ascii=False)


def import_lines(manifest: Mapping[str, Any], kind: str, folder: str, lang: str) -> list[str]:
    """Return what to tell after an import: rows read, kept, left out and why."""
    from kinerja_sim.field.convert import UNLISTED
    from kinerja_sim.field.tables import OTHER

    t, done = translator(lang), manifest["imports"][kind]
    kept, read = t.number(done["rows_kept"]), t.number(done["rows_read"])
    lines = [
        t("{kept} of {read} rows imported as `{kind}` into {folder}.", kept=kept, read=read, kind=kind, folder=folder)
    ]
    for what, reasons in done["reasons"].items():
        for code, n in reasons.items():
            reason = check_label(code, t)
            if what == "row":
                text = t.plural("{n} row left out: {reason}", "{n} rows left out: {reason}", n, reason=reason)
            elif code == "unlisted":
                text = t.plural("{n} cell of `{column}` is `{word}`: {reason}", "{n} cells of `{column}` are `{word}`: "
                                "{reason}", n, column=what, reason=reason, word=UNLISTED.get(what, OTHER))  # fmt: skip
            else:
                text = t.plural("{n} cell of `{column}` empty: {reason}", "{n} cells of `{column}` empty: {reason}", n,
                                column=what, reason=reason)  # fmt: skip
            lines.append("  " + text)
    if done["reasons"]:
        lines.append(t("Every one is listed by row number in {file}.", file=f"{folder}/left_out.csv"))
    return lines


def doctor_table(findings: pd.DataFrame, lang: str) -> Table:
    """Return the doctor's findings as a table for the terminal."""
    from rich.box import SIMPLE
    from rich.table import Table

    t = translator(lang)
    severities = {"error": t("error"), "warning": t("doubtful"), "info": t("to know")}
    actions = {"kept": t("kept"), "emptied": t("cell left empty"), "left_out": t("row left out")}
    units = {"rows": t("rows"), "days": t("days"), "gaps": t("gaps")}
    shown = Table(box=SIMPLE)
    for name in (
        t("Table"),
        t("Finding"),
        t("Severity"),
        t("Count"),
        t("Share"),
        t("Cleaned copy"),
        t("For example"),
    ):
        shown.add_column(name, justify="right" if name in (t("Count"), t("Share")) else "left")
    for row in findings.to_dict("records"):
        count = f"{t.number(row['count'])} {units[row['unit']]}"
        shown.add_row(
            row["table"], check_label(row["check"], t), severities[row["severity"]], count, t.percent(row["share"], 1),
            actions[row["action"]], row["examples"],
        )  # fmt: skip
    return shown


def doctor_lines(findings: pd.DataFrame, kept: Mapping[str, tuple[int, int]], folder: str, lang: str) -> list[str]:
    """Return what stands below the findings: rows of the cleaned copy, and where the lists are.

    Parameters
    ----------
    findings : DataFrame
    kept : from a table to its rows in the cleaned copy and as imported
    folder : of the doctor's files
    lang : 'id' or 'en'
    """
    t = translator(lang)
    lines = [] if len(findings) else [t("Nothing found.")]
    for table, (n, all_rows) in kept.items():
        lines.append(
            t("`{table}`: {n} of {all} rows in the cleaned copy.", table=table, n=t.number(n), all=t.number(all_rows))
        )
    lines.append(
        t("Nothing was corrected. Every row and cell left out is listed in {file}.", file=f"{folder}/left_out.csv")
    )
    return lines


def check_label(code: str, t: Translator) -> str:
    """Return what a check or a reason is called; a code with a column's name at its end is a cell's reason."""
    labels = {
        "empty_row": t("empty row"),
        "wrong_number_of_cells": t("too few or too many cells"),
        "ignored_outcome": t("an outcome that the mapping ignores"),
        "no_answer": t("no answer at all"),
        "unlisted": t("a value that the mapping does not list"),
        "unreadable": t("not readable in the mapping's format"),
        "out_of_bounds": t("outside what is possible"),
        "no_arrived": t("no time of arrival"),
        "no_time": t("no time"),
        "no_case_id": t("no case number"),
        "no_officer": t("no officer named"),
        "duplicate_row": t("the same row again"),
        "again_in_a_later_file": t("again in a later file, whose row counts"),
        "same_values": t("the same values as another row; may be another visit"),
        "repeated_case_id": t("a case number that occurs again"),
        "far_from_the_rest": t("a date over two years from the rest"),
        "clock_step": t("time jumps back: was a clock set?"),
        "before_arrival": t("served or gone before arriving"),
        "clock_jitter": t("served up to a minute before arriving"),
        "negative_service": t("service ends before it starts"),
        "zero_service": t("service of no length"),
        "impossible_wait": t("a wait that nobody waits"),
        "impossible_service": t("a service of more than a day's work"),
        "officer_in_two_places": t("an officer with two citizens at once"),
        "service_not_seen": t("served, but start or end not recorded"),
        "abandoned_with_service": t("gone, and yet served"),
        "not_finished": t("no end recorded (censored)"),
        "backwards_in_case": t("earlier than the row before it in its case"),
        "one_event_case": t("a case of one event"),
        "may_be_unfinished": t("case active near the end of the log (censored)"),
        "start_without_end": t("started, never completed"),
        "partial_answers": t("some questions not answered"),
        "all_answers_alike": t("the same answer to all nine questions"),
        "first_response_before_arrival": t("answered before it was received"),
        "closed_before_arrival": t("closed before it was received"),
        "until_before_from": t("ends before it begins"),
        "overlapping_spells": t("an officer's spells overlap"),
        "officer_not_on_staff_list": t("an officer who is not on the staff list"),
        "outage_day": t("no rows on a day beside one cut short: an outage, most likely"),
        "missing_day": t("no rows on a working day that is no holiday: closed or not recorded, the log cannot tell"),
        "missing_day_uncovered": t("no rows on a working day of a year whose holidays are not known here"),
        "closed_holiday": t("no rows: a public holiday or collective leave"),
        "closed_weekday": t("no rows: a weekday that is not worked"),
        "open_on_closed_day": t("rows on a holiday or a weekday that is not worked"),
        "gap_in_day": t("hours without rows within a day: an outage, or all stopped"),
        "short_day": t("rows begin late or end early: open for part of the day, or not recorded"),
    }
    return labels.get(code) or labels["unreadable"]
