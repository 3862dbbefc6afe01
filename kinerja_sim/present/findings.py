"""What the deck says: one finding per slide, its chart or table, and the notes behind it.

Every title is worded by the ladder (`present.text`) or counts contrasts that reach a
rung of it. A finding whose scenarios were not run is left out, never filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kinerja_sim.present.answers import (
    SATISFACTION,
    exploratory_note,
    hypotheses_list,
    hypothesis_sentence,
    interval_lines,
    survey_against,
)
from kinerja_sim.present.changes import change_text, display_scale, metric_of, range_text
from kinerja_sim.present.charts import Chart, Effects, Mark, Panel, effect_mark, plain_note
from kinerja_sim.present.claims import Claim, Line, joined
from kinerja_sim.present.claims_book import (
    POLICIES_SHOWN,
    Book,
    contrast_claims,
)
from kinerja_sim.present.figures import axis_label
from kinerja_sim.present.saved import (
    beyond_notes,
    one_contrast,
    ordered_scenarios,
    policy_label,
    policy_title,
    primary_hypothesis,
    region_title,
    short,
    short_region_title,
    short_unit_title,
    title,
)
from kinerja_sim.present.style import INK, style_of
from kinerja_sim.present.text import mark_notes, median_note, shown_word
from kinerja_sim.present.two_by_two import SUPPLY, TwoByTwo


@dataclass(frozen=True)
class Finding:
    """One slide: kicker, title (a finding), a chart or a table, lines below it, speaker notes.

    `name` is the slide's address, the same in every language and format.
    """

    kind: str
    name: str
    kicker: Line
    title: Line
    footer: Line
    lines: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()
    chart: Chart | None = None
    table: tuple[tuple[Line, ...], ...] = ()

    @property
    def words(self) -> list[str]:
        """The words of the chart and the cells of the table, whose marks `text.mark_notes` explains."""
        words = self.chart.words if isinstance(self.chart, Effects) else ()
        return [*(cell for row in self.table for cell in row), *words]

    @property
    def table_alt(self) -> Line:
        """What a screen reader says of the table: the finding and the heads of its columns."""
        return joined(" ".join((self.title, *self.table[0])), self.title, *self.table[0])


def all_findings(book: Book) -> list[Finding]:
    """Return the findings of a comparison in the order of the slides."""
    from kinerja_sim.present.across_findings import capacity_finding, goodhart_finding
    from kinerja_sim.present.findings_backup import backup_findings
    from kinerja_sim.present.findings_limits import limits_finding, null_finding, sources_finding

    found: list[Finding | None] = [opening(book)]
    for region in book.manifest["regions"]:
        found += [region_finding(book, region), two_by_two_finding(book, region)]
    found += [capacity_finding(book), goodhart_finding(book), null_finding(book)]
    found += [*backup_findings(book), sources_finding(book), limits_finding(book)]
    return [_explained(finding, book) for finding in found if finding is not None]


def _explained(finding: Finding, book: Book) -> Finding:
    """Return a finding with what the marks of its words mean; of a median that its title explains, in the notes."""
    marks = mark_notes(finding.words, book.lang)
    aside = [mark for mark in marks if mark == median_note(book.lang) and "median" in finding.title]
    lines = [Line(mark) for mark in marks if mark not in aside]
    return replace(finding, lines=(*finding.lines, *lines), notes=(*finding.notes, *map(Line, aside)))


def opening(book: Book) -> Finding:
    """Return the title slide."""
    t, manifest = book.t, book.manifest
    regions = " · ".join(short_region_title(manifest, r, book.lang) for r in manifest["regions"])
    return Finding(
        kind="opening",
        name="opening",
        kicker=Line(t("A simulation, not a measurement")),
        title=Line(t("What changes for citizens when the way officers are appraised changes?")),
        lines=(
            Line(regions, names=[regions]),
            Line(t("Every policy met exactly the same citizens on the same days")),
            book.provenance(),
        ),
        notes=(*as_names(title(w, book.lang) for w in manifest["warnings"]), *reading_notes(book)),
        footer=Line(""),
    )


def reading_notes(book: Book) -> tuple[Line, ...]:
    """Return what the two intervals of every chart mean, for the speaker."""
    plausible, precision, _ = interval_lines(book.manifest, book.lang)
    return (*as_names([plausible, precision, *beyond_notes(book.manifest, book.lang)]), book.provenance())


def region_finding(book: Book, region: str) -> Finding | None:
    """Return the answer to a region's primary hypothesis; None when its own policy was not run."""
    t, manifest, lang, keys = book.t, book.manifest, book.lang, book.own(region)
    if keys not in book.contrasts:
        return None
    h, row = primary_hypothesis(manifest, region), book.contrasts[keys]
    preset = short(policy_title(manifest, manifest["regions"][region]["preset"], lang))
    name = short_region_title(manifest, region, lang)
    lines = answer_lines(book, region)
    if book.fact("policies", region) > POLICIES_SHOWN:
        (shown, a), (total, b) = (book.count(fact, region) for fact in ("policies_shown", "policies"))
        lines.append(Line(t("Shown: {n} of {total} policies", n=shown, total=total), [a, b]))
    chart = effects_chart(book, region, keys) if row["delta_mean"] == row["delta_mean"] else None
    return Finding(
        kind="region",
        name=f"region-{region}",
        kicker=Line(t("{region} · own policy: {policy}", region=name, policy=preset), names=[name, preset]),
        title=book.sentence("contrasts", keys, unit=short_unit_title(manifest, region, h["unit"], lang), n=False),
        lines=tuple(lines),
        notes=(*region_notes(book, region), *reading_notes(book)),
        chart=chart,
        footer=chart_footer(book, chart),
    )


def answer_lines(book: Book, region: str) -> list[Line]:
    """Return what belongs to a region's answer: its hypothesis, the level that this names, what a survey may report."""
    claim = title(primary_hypothesis(book.manifest, region)["claim"], book.lang)
    hypothesis = Line(book.t("Hypothesis fixed before the run: {claim}", claim=claim), names=[claim])
    return [hypothesis, *_target_lines(book, region), *_survey_lines(book, region)]


def _target_lines(book: Book, region: str) -> Iterator[Line]:
    """Yield how far the level that the hypothesis names is reached, and that a shortage was fitted to its text."""
    t, keys = book.t, (region,)
    if keys not in book.targets:
        yield from [Line(book.cells[region].fitted_note())] if region in book.cells else []
        return
    levels = [f"{when}{end}" for when in ("before", "after") for end in ("", "_low", "_high")]
    claims = {name: Claim("targets", keys, name, "level") for name in levels}
    is_whole = float(book.row("targets", keys)["target"]).is_integer()
    claims |= {"target": Claim("targets", keys, "target", "number" if is_whole else "level")}
    claims |= {name: Claim("targets", keys, name, "number") for name in ("met", "n", "was")}
    metric = metric_of(book.row("targets", keys)["metric"])
    values: dict[str, object] = {name: book.write(claim) for name, claim in claims.items()}
    values["measure"] = metric.unit.in_(book.lang)
    text = t("Level today {before} {measure} ({before_low} to {before_high}), under the own policy {after} "
             "({after_low} to {after_high}); the text's {target} is reached in {met} of {n} replications (today in "
             "{was})", **values)  # fmt: skip
    if region in book.cells:
        text = t("Level today {before} {measure} ({before_low} to {before_high}; fitted to the text, so it verifies "
                 "nothing), under the own policy {after} ({after_low} to {after_high}); the text's {target} is reached "
                 "in {met} of {n} replications (today in {was})", **values)  # fmt: skip
    yield Line(text, claims.values())


def _survey_lines(book: Book, region: str) -> Iterator[Line]:
    """Yield that a survey may report the opposite of what is so, with both contrasts, where means differ in sign."""
    t, manifest = book.t, book.manifest
    units, _ = survey_against(book.saved.contrasts, manifest, region)
    if not units:
        return
    (n, a), (total, b) = (book.count(fact, region) for fact in ("survey_against", "survey_units"))
    unit, preset = short_unit_title(manifest, region, units[0], book.lang), manifest["regions"][region]["preset"]
    true, reported = ((region, units[0], metric, preset, "after") for metric in SATISFACTION)
    row, said = book.contrasts[true], book.sentence("contrasts", reported, unit=unit)
    text = t(
        "A survey may report the opposite (by the means in {n} of {total} units): {said}; true satisfaction there "
        "{change} ({range}), {words}.", n=n, total=total, said=said, change=change_text(row, book.lang),
        range=range_text(row, book.lang), words=shown_word(row, book.lang),
    )  # fmt: skip
    yield joined(text, said, claims=[a, b, *contrast_claims("contrasts", true)])


def region_notes(book: Book, region: str) -> tuple[Line, ...]:
    """Return a region's answers to all its hypotheses, how much else was looked at, and how much is estimated."""
    t, manifest, lang, contrasts = book.t, book.manifest, book.lang, book.saved.contrasts
    h, keys, preset = primary_hypothesis(manifest, region), book.own(region), manifest["regions"][region]["preset"]
    unit = short_unit_title(manifest, region, h["unit"], lang)
    names = [title(h["claim"], lang), policy_title(manifest, preset, lang), unit]
    names.append(metric_of(h["metric"]).label.in_(lang))
    notes = [Line(hypothesis_sentence(contrasts, manifest, region, lang), contrast_claims("contrasts", keys), names)]
    notes += [other for _, other in other_answers(book, region)]
    further, total = book.count("further", region), book.count("contrasts", region)
    text = exploratory_note(contrasts, manifest, region, int(book.fact("further", region)) + 1, lang)
    notes.append(Line(text, [further[1], total[1]]))
    (few, a), (many, b) = book.count("region_estimates", region), book.count("region_numbers", region)
    known = t("{estimates} of the {total} numbers in the region's file are estimates.", estimates=few, total=many)
    return (*notes, Line(known, [a, b]))


def other_answers(book: Book, region: str) -> list[tuple[str, Line]]:
    """Return (claim, claim and answer) of the hypotheses that are not primary."""
    t, manifest, lang, found = book.t, book.manifest, book.lang, []
    tested = {title(h["claim"], lang): h for h in manifest["regions"][region]["hypotheses"]}
    for claim, answer in hypotheses_list(book.saved.contrasts, manifest, region, lang):
        h, text = tested[claim], t("{claim}: {answer}", claim=claim, answer=answer)
        if h["not_modelled"]:
            found.append((claim, Line(text, names=[claim, title(h["not_modelled"], lang)])))
            continue
        keys = (region, h["unit"], h["metric"], manifest["regions"][region]["preset"], h["window"])
        names = [claim, short_unit_title(manifest, region, h["unit"], lang), metric_of(h["metric"]).label.in_(lang)]
        found.append((claim, Line(text, contrast_claims("contrasts", keys), names)))
    return found


def effects_chart(book: Book, region: str, keys: tuple[str, ...]) -> Effects:
    """Return the effects of the policies on one metric of one unit, the region's own first."""
    _, unit, metric, _, window = keys
    manifest = book.manifest
    marks: list[Mark] = []
    for scenario in ordered_scenarios(manifest, region):
        row = one_contrast(book.saved.contrasts, region, unit, metric, scenario, window)
        if row is not None and row["delta_mean"] == row["delta_mean"] and len(marks) < POLICIES_SHOWN:
            label = policy_label(manifest, region, scenario, book.lang)
            look, at = style_of(manifest, region, scenario), (region, unit, metric, scenario, window)
            marks.append(effect_mark(book, "contrasts", at, label, look))
    return Effects((effect_panel(book, marks, metric),), plain_note(book, marks, band=True))


def effect_panel(book: Book, marks: list[Mark], metric: str) -> Panel:
    """Return marks on the axis of a metric, with its unit."""
    measured = metric_of(metric)
    band = measured.matters * display_scale(measured)
    return Panel(tuple(marks), axis_label(measured, book.t), band=band)


def two_by_two_finding(book: Book, region: str) -> Finding | None:
    """Return which of two explanations carries the change; None where the region has not two."""
    t, manifest, lang = book.t, book.manifest, book.lang
    if region not in book.cells:
        return None
    cells = book.cells[region]
    metric, name = metric_of(cells.metric), region_title(manifest, region, lang)
    levels = " · ".join(t("{cell}: {level}", cell=cell, level=level) for cell, level in cells.cells())
    columns = ("value", "low", "high")
    level_claims = [Claim("levels", (region, k), column, "level") for k in cells.levels for column in columns]
    measure, chart = metric.unit.in_(lang), _parts_chart(book, cells)
    return Finding(
        kind="two_by_two",
        name=f"two-by-two-{region}",
        kicker=Line(
            t("{region} · two explanations for {metric}", region=name, metric=metric.label.in_(lang)),
            names=[name, metric.label.in_(lang)],
        ),
        title=_headline(book, cells),
        lines=(
            Line(
                t("{levels} ({measure})", levels=levels, measure=measure),
                level_claims, [measure, *(cell for cell, _ in cells.cells())],
            ),
            Line(t("Both parts add up to the whole, interaction split evenly; the slide before: the policy alone.")),
            Line(cells.fitted_note()),
        ),
        notes=(*_parts_notes(book, cells), Line(cells.heading(), names=[cells.heading()]), *reading_notes(book)),
        chart=chart,
        footer=chart_footer(book, chart),
    )  # fmt: skip


def _share_claims(region: str, *order: str) -> list[Claim]:
    styles = {"policy": ("mean", "hundred"), "supply": ("mean", "rest"), "supply_low": ("high", "rest"),
              "supply_high": ("low", "rest")}  # fmt: skip
    styles |= {name: (name, "hundred") for name in ("low", "high", "ci_low", "ci_high")}
    return [Claim("shares", (region,), *styles[name]) for name in order]


def _headline(book: Book, cells: TwoByTwo) -> Line:
    unit = short_unit_title(book.manifest, cells.region, cells.unit, book.lang)
    larger = max(("policy", "supply"), key=lambda k: abs(cells.parts[k]["delta_mean"]))
    claims = contrast_claims("parts", (cells.region, larger))
    if cells.share is not None:
        ends = ("policy", "low", "high") if cells.share.larger == "policy" else ("supply", "supply_low", "supply_high")
        claims = [*_share_claims(cells.region, *ends), *claims]
    return Line(cells.headline(), claims, [unit, cells.factor(larger), metric_of(cells.metric).label.in_(book.lang)])


def _parts_notes(book: Book, cells: TwoByTwo) -> Iterator[Line]:
    unit = short_unit_title(book.manifest, cells.region, cells.unit, book.lang)
    names = [unit, metric_of(cells.metric).label.in_(book.lang)]
    *parts, share = cells.sentences()
    for key, text in zip(("total", "policy", "supply", "interaction"), parts, strict=True):
        yield Line(text, contrast_claims("parts", (cells.region, key)), [*names, cells.factor(key)])
    claims = _share_claims(cells.region, "policy", "supply", "low", "high", "ci_low", "ci_high") if cells.share else ()
    yield Line(share, claims)


def _parts_chart(book: Book, cells: TwoByTwo) -> Effects:
    names = {"policy": cells.manifest["regions"][cells.region]["preset"], "supply": SUPPLY}
    marks = []
    for k in ("policy", "supply", "total"):  # the interaction beside them invites a sum that counts it twice
        look = style_of(cells.manifest, cells.region, names[k]) if k in names else (INK, "d")
        marks.append(effect_mark(book, "parts", (cells.region, k), cells.factor(k), look))
    return Effects((effect_panel(book, marks, cells.metric),), plain_note(book, marks, band=True))


def chart_footer(book: Book, chart: Effects | None) -> Line:
    """Return what stands below a native chart: what its lines mean, and where the numbers came from."""
    run = book.provenance()
    if chart is None:
        return run
    return joined(f"{plain_note(book, [m for panel in chart.panels for m in panel.marks])} {run}", run)


def as_names(texts: Iterator[str] | list[str]) -> list[Line]:
    """Return texts of the manifest or the catalogue as they are: their numbers are no results."""
    return [Line(text, names=[text]) for text in texts]
