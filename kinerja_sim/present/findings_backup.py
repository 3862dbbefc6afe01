"""Backup slides for the likely questions: what if the estimates are wrong, who loses, what does it cost.

All three read what the comparison holds. How sure an answer is against wrong estimates is
the share of draws from the evidence ledger in which it keeps its direction; which single
estimate matters most takes a sweep and is not told here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from kinerja_sim.know.schema import PRICE_YEAR
from kinerja_sim.present.changes import change_text, change_unit, metric_of, range_text
from kinerja_sim.present.charts import CHANCE, NET_BENEFIT, Effects, Panel, effect_mark
from kinerja_sim.present.claims import Claim, Line, Row, joined
from kinerja_sim.present.claims_book import LOSERS_SHOWN, Book, Risk, library_keys
from kinerja_sim.present.economics import worth_word
from kinerja_sim.present.findings import Finding, reading_notes
from kinerja_sim.present.saved import policy_label, short_region_title, short_unit_title
from kinerja_sim.present.style import style_of
from kinerja_sim.present.text import shown_word, verdict, verdict_word

Cells: TypeAlias = tuple[tuple[Line, ...], ...]


def backup_findings(book: Book) -> list[Finding | None]:
    """Return the answers to the likely questions, those that the comparison can give."""
    return [estimates_finding(book), losers_finding(book), cost_finding(book), library_finding(book)]


def estimates_finding(book: Book) -> Finding | None:
    """Return in how many regions the answer keeps its direction whatever the estimates are; None when none was run."""
    t, manifest, lang = book.t, book.manifest, book.lang
    if not book.answered:
        return None
    marks = []
    for region in book.answered:
        keys = book.own(region)
        name, look = short_region_title(manifest, region, lang), style_of(manifest, region, keys[3])
        words = verdict_word(verdict(book.contrasts[keys]), lang)  # no mean is shown that could disagree
        marks.append(effect_mark(book, "contrasts", keys, name, look, columns=CHANCE, scale=100.0, words=words,
                                 style="hundred"))  # fmt: skip
    axis = t("Chance that the region's primary metric improves, %")
    note = t("Thin line: 95% Wilson bounds over the draws.")
    panel = Panel(tuple(marks), axis, band=0.0, zero=50.0, signed=False)
    (likely, a), (total, b), (sure, c) = (book.count(k) for k in ("likely_sure", "answered", "sure"))
    share, d = book.count("estimated_share", style="hundred")
    if manifest["parameters"] == "point":
        title = Line(t("This run cannot tell: the estimates were fixed at their points and never varied"))
        line = t("Run the comparison again with parameters drawn from the evidence ledger.")
    else:
        text = t("The direction of the answer likely survives wrong coefficients in {likely} of {total} regions, "
                 "very likely in {sure}", likely=likely, total=total, sure=sure)  # fmt: skip
        title = Line(text, [a, b, c]) if len(marks) > 1 else _share_of_draws(book, book.answered[0])
        line = t("Each draw takes other coefficients from the evidence ledger and, for each unit, another speed of its "
                 "office and another response to feedback. The numbers of the region files, {share}% of them "
                 "estimates, are never varied. 50 is a toss-up.", share=share)  # fmt: skip
    ends = []
    for region in book.answered:
        keys, name = book.own(region), short_region_title(manifest, region, lang)
        claim = book.sentence("contrasts", keys, unit=short_unit_title(manifest, region, keys[1], lang))
        ends.append(joined(t("{region}: {claim}", region=name, claim=claim), claim, names=[name]))
    run = book.provenance()
    return Finding(
        kind="estimates",
        name="estimates",
        kicker=Line(t("Backup · What if the coefficients are wrong?")),
        title=title,
        lines=(Line(line, [d], ["50 is", "50 berarti"]),),
        notes=(*ends, Line(t("Which estimate matters most is answered by a sweep, not by this comparison.")),
               *reading_notes(book)),
        chart=Effects((panel,), note, names=(note,)),
        footer=joined(f"{note} {run}", run, names=[note]),
    )  # fmt: skip


def _share_of_draws(book: Book, region: str) -> Line:
    """Return the share of draws in which a region's answer is an improvement, as a title."""
    claims = [Claim("contrasts", book.own(region), column, "hundred") for column in CHANCE[:3]]
    share, low, high = (book.write(claim) for claim in claims)
    text = book.t("{share}% of the draws of the coefficients give an improvement ({low}–{high}%)",
                  share=share, low=low, high=high)  # fmt: skip
    return Line(text, claims)


def losers_finding(book: Book) -> Finding | None:
    """Return for whom the regions' own policies make something worse; None when nothing was observed."""
    if not book.risks:
        return None
    t = book.t
    (losers, a), (total, b), (open_, c) = (book.count(k) for k in ("losers", "risks", "risks_open"))
    if book.fact("losers"):
        text = t("Somebody likely loses in {losers} of {total} outcomes under the regions' own policies",
                 losers=losers, total=total)  # fmt: skip
        title = Line(text, [a, b])
    else:
        text = t("Under the regions' own policies no outcome is shown likely to get worse for citizens; {open} of "
                 "{total} cannot be told", open=open_, total=total)  # fmt: skip
        title = Line(text, [c, b])
    (shown, d) = book.count("risks_shown")
    line = t("Shown: {shown}, those likeliest to get worse, region by region. People without digital access are not "
             "told apart in the tables.", shown=shown)  # fmt: skip
    return Finding(
        kind="losers",
        name="losers",
        kicker=Line(t("Backup · Who loses?")),
        title=title,
        lines=(Line(line, [d]),),
        notes=(*(risk_line(book, risk) for risk in book.risks[:LOSERS_SHOWN]), *reading_notes(book)),
        table=risk_table(book, book.risks[:LOSERS_SHOWN]),
        footer=book.provenance(),
    )


def risk_table(book: Book, listed: Sequence[Risk]) -> Cells:
    """Return outcomes as table cells: who, measure, change with its range, words."""
    t = book.t
    heads = (t("For whom"), t("Measure"), t("Effect (plausible range)"), t("In words"))
    body = []
    for risk in listed:
        row, (who, label) = book.row(*risk), _who_and_what(book, risk)
        effect = t("{change} {measure} ({range})", **_effect(book, row))
        word = Line(shown_word(row, book.lang))
        body.append((Line(who, names=[who]), Line(label, names=[label]), Line(effect, _ends(risk)), word))
    return (tuple(Line(text) for text in heads), *body)


def risk_line(book: Book, risk: Risk) -> Line:
    """Return an outcome as one line: who, measure, change with its range, words."""
    row, (who, label) = book.row(*risk), _who_and_what(book, risk)
    text = book.t(
        "{who}, {label}: {change} {measure} ({range}), {words}",
        who=who, label=label, words=shown_word(row, book.lang), **_effect(book, row),
    )  # fmt: skip
    return Line(text, _ends(risk), [who, label])


def _who_and_what(book: Book, risk: Risk) -> tuple[str, str]:
    t, manifest, lang = book.t, book.manifest, book.lang
    unit = short_unit_title(manifest, risk.keys[0], risk.keys[1], lang)
    who = t("{region}: {unit}", region=short_region_title(manifest, risk.keys[0], lang), unit=unit)
    if risk.table == "tails":
        return who, {
            "wait_minutes_p90": t("Mean wait of the worst-served tenth"),
            "turnaround_days_p90": t("Mean turnaround of the worst-served tenth"),
        }[risk.keys[2]]
    return who, metric_of(risk.keys[2]).label.in_(lang)


def _effect(book: Book, row: Row) -> dict[str, str]:
    metric, measure = metric_of(row["metric"]), change_unit(metric_of(row["metric"]), book.lang)
    if metric.pool == "sum":
        measure = book.t("{measure} over the policy's months", measure=measure)
    return {"change": change_text(row, book.lang), "range": range_text(row, book.lang), "measure": measure}


def _ends(risk: Risk) -> list[Claim]:
    return [Claim(risk.table, risk.keys, column, "change") for column in ("delta_mean", "low", "high")]


def cost_finding(book: Book) -> Finding | None:
    """Return whether the regions' own policies are worth their cost; None when none was run."""
    t, manifest, lang = book.t, book.manifest, book.lang
    own = [r for r in book.answered if (r, book.own(r)[3]) in book.worth]
    if not own:
        return None
    marks = []
    for region in own:
        keys = (region, book.own(region)[3])
        words, look = worth_word(book.worth[keys], lang), style_of(manifest, *keys)
        name = short_region_title(manifest, region, lang)
        marks.append(effect_mark(book, "worth", keys, name, look, columns=NET_BENEFIT, scale=1e-6, words=words,
                                 style="millions"))  # fmt: skip
    months = t.months(manifest["months"])
    axis = t("Net benefit over {months}, IDR million of {year} · better →", months=months, year=str(PRICE_YEAR))
    note = t("Thin line: plausible range; thick: Monte Carlo precision of the mean.")
    facts = {"worth": "worth", "total": "worth_regions", "against": "not_worth", "open": "worth_open"}
    counts = {name: book.count(fact) for name, fact in facts.items()}
    text = t("By hours of waiting alone, the region's own policy is likely worth its cost in {worth} of {total} "
             "regions, likely not in {against}; {open} cannot be told",
             **{k: n for k, (n, _) in counts.items()})  # fmt: skip
    title = Line(text, [claim for _, claim in counts.values()]) if len(own) > 1 else _net_benefit(book, own[0])
    value = book.count("waiting_hour")
    line = t("Hours of waiting saved, at IDR {value} an hour, less the extra cost; nothing else is valued.",
             value=value[0])  # fmt: skip
    run = book.provenance()
    return Finding(
        kind="cost",
        name="cost",
        kicker=Line(t("Backup · What does it cost?")),
        title=title,
        lines=(Line(line, [value[1]]),),
        notes=(*(cost_line(book, region) for region in own), *cost_warnings(book), *reading_notes(book)),
        chart=Effects((Panel(tuple(marks), axis),), note, names=(axis,)),
        footer=joined(f"{note} {run}", run),
    )


def _net_benefit(book: Book, region: str) -> Line:
    """Return the net benefit of a region's own policy, as a title."""
    keys = (region, book.own(region)[3])
    claims = [Claim("worth", keys, column, "millions") for column in NET_BENEFIT[:3]]
    mean, low, high = (book.write(claim) for claim in claims)
    if book.worth[keys]["n_replications"] < 2:
        text = book.t("By hours of waiting alone, net benefit of the region's own policy: IDR {mean} million; one "
                      "replication cannot tell",
                      mean=mean)  # fmt: skip
        return Line(text, claims)
    text = book.t("By hours of waiting alone, net benefit of the region's own policy: IDR {mean} million ({low} to "
                  "{high}), {words}",
                  mean=mean, low=low, high=high, words=worth_word(book.worth[keys], book.lang))  # fmt: skip
    return Line(text, claims)


def cost_line(book: Book, region: str) -> Line:
    """Return extra cost, hours saved and net benefit of a region's own policy as one sentence with ranges."""
    t, keys = book.t, (region, book.own(region)[3])
    styles = {"extra_cost_idr": "millions", "hours_saved": "signed"}
    claims = {
        f"{what}_{end}": Claim("worth", keys, f"{what}_{end}", style)
        for what, style in styles.items()
        for end in ("mean", "low", "high")
    }
    claims |= {k: Claim("worth", keys, k, "millions") for k in ("net_benefit_idr_mean", "low", "high")}
    values = {name: book.write(claim) for name, claim in claims.items()}
    who = t("{region}, {policy}", region=short_region_title(book.manifest, region, book.lang),
            policy=policy_label(book.manifest, region, keys[1], book.lang))  # fmt: skip
    text = t(
        "{who}, over {months}: extra cost IDR {extra_cost_idr_mean} million ({extra_cost_idr_low} to "
        "{extra_cost_idr_high}), hours of waiting saved {hours_saved_mean} ({hours_saved_low} to {hours_saved_high}), "
        "net benefit IDR {net_benefit_idr_mean} million ({low} to {high}): {words}",
        who=who, months=t.months(book.fact("months")), words=worth_word(book.worth[keys], book.lang), **values,
    )  # fmt: skip
    return Line(text, [*claims.values(), book.count("months")[1]], [who])


def library_finding(book: Book) -> Finding | None:
    """Return what the rest of the policy library does to the regions' primary metrics; None when it was not run."""
    t, manifest, lang, listed = book.t, book.manifest, book.lang, library_keys(book)
    if not listed:
        return None
    heads = (t("Policy"), t("better"), t("worse"), t("practically equal"), t("cannot tell"))
    body = []
    for scenario in dict.fromkeys(keys[3] for keys in listed):
        counts = [book.count(f"library_{what}", scenario) for what in ("better", "worse", "equal", "open")]
        label = policy_label(manifest, listed[0][0], scenario, lang)
        body.append((Line(label, names=[label]), *(Line(number, [claim]) for number, claim in counts)))
    (better, a), (worse, b), (total, c) = (book.count(k) for k in ("library_better", "library_worse", "library"))
    title = t("Of {total} answers under the rest of the policy library, {better} are at least likely better than "
              "today's practice, {worse} worse", total=total, better=better, worse=worse)  # fmt: skip
    notes = [
        joined(t("{region}: {claim}", region=label, claim=claim), claim, names=[label])
        for label, claim in _library_lines(book, listed)
    ]
    return Finding(
        kind="losers library",
        name="library",
        kicker=Line(t("Backup · Other policies: in how many regions does the primary metric change?")),
        title=Line(title, [c, a, b]),
        lines=tuple(_library_notes(book, [keys[3] for keys in listed])),
        notes=(*notes, *reading_notes(book)),
        table=(tuple(Line(head) for head in heads), *body),
        footer=book.provenance(),
    )


def _library_notes(book: Book, listed: Sequence[str]) -> Iterator[Line]:
    """Yield how many policies were compared and how many of them stand here, and those that only change the grade."""
    t, manifest = book.t, book.manifest
    most = max(manifest["regions"], key=lambda region: book.fact("compared", region))
    (compared, a), (here, b) = book.count("compared", most), book.count("library_policies")
    text = t("{n} policies were compared, {here} of them in this table: the best-looking of so many is partly luck.",
             n=compared, here=here)  # fmt: skip
    yield Line(text, [a, b])
    idle = [s for s in dict.fromkeys(listed) if manifest["policies"][s].get("grade_only")]
    names = "; ".join(policy_label(manifest, most, s, book.lang) for s in idle)
    if idle:
        text = t("Nothing follows from the grade, so only time for appraising is felt: {names}.", names=names)
        yield Line(text, names=[names])


def _library_lines(book: Book, listed: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, Line]]:
    """Yield region and policy, and the sentence of the ladder, for the speaker."""
    for keys in listed:
        unit = short_unit_title(book.manifest, keys[0], keys[1], book.lang)
        label = book.t("{region}, {policy}", region=short_region_title(book.manifest, keys[0], book.lang),
                       policy=policy_label(book.manifest, keys[0], keys[3], book.lang))  # fmt: skip
        yield label, book.sentence("contrasts", keys, unit=unit)


def cost_warnings(book: Book) -> list[Line]:
    """Return what net benefits leave out, and what their prices rest on."""
    t = book.t
    return [
        Line(t("Only hours of waiting at the counter are valued; turnaround, errors, satisfaction and people who give "
               "up are not. A policy that makes haste saves hours too.")),
        Line(t("Nearly all prices are estimates. Hours of staff are counted in full, though salaries are paid in any "
               "case.")),
    ]  # fmt: skip
