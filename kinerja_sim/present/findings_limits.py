"""The last slides: the proof of the null policy, the sources with their grades, and what is not shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kinerja_sim.present.charts import grade_shares
from kinerja_sim.present.claims import Line
from kinerja_sim.present.claims_book import GRADES, SOURCES_SHOWN, Book, left_out, sources_listed
from kinerja_sim.present.findings import Finding, as_names
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.labels import REGION
from kinerja_sim.present.saved import region_title, short_region_title, title

LIMITS_SHOWN = 2
_NOTES = re.compile(r" \(docs/sources\.md \d+(, \d+)*\)|[,;] docs/sources\.md \d+(, \d+)*")
"""Places in the page of sources, which readers of a deck or brief do not have at hand."""


def null_finding(book: Book) -> Finding | None:
    """Return the proof that a policy that changes nothing shows nothing; None when it was not run."""
    t, manifest = book.t, book.manifest
    if not book.fact("null_total"):
        return None
    (equal, a), (total, b) = book.count("null_equal"), book.count("null_total")
    if book.fact("null_equal") == book.fact("null_total"):
        text = t("The null policy changes nothing: {equal} of {total} contrasts are exactly zero",
                 equal=equal, total=total)  # fmt: skip
    else:
        text = t("The null policy is not neutral: only {equal} of {total} contrasts are exactly zero",
                 equal=equal, total=total)  # fmt: skip
    rows = [(Line(t("Region")), Line(t("Contrasts")), Line(t("Exactly zero")))]
    for region in manifest["regions"]:
        (same, c), (of, d) = book.count("null_equal", region), book.count("null_total", region)
        name = region_title(manifest, region, book.lang)
        rows.append((Line(name, names=[name]), Line(of, [d]), Line(same, [c])))
    return Finding(
        kind="null",
        name="null",
        kicker=Line(t("Proof that the comparison itself adds nothing")),
        title=Line(text, [a, b]),
        lines=(Line(t("The null policy is today's practice under another name, run through the whole model.")),),
        notes=(book.provenance(),),
        table=tuple(rows),
        footer=book.provenance(),
    )


def sources_finding(book: Book) -> Finding:
    """Return where the numbers come from, each with its grade; the full list is in the notes."""
    t, lang = book.t, book.lang
    rows = [
        (Line(shorten(entry["source"]), names=[shorten(entry["source"])]), Line(grade_word(entry["grade"], lang)))
        for entry in sources_listed(book)[:SOURCES_SHOWN]
    ]
    lines = []
    if (rest := book.fact("sources_more")) > 0:
        more = t.plural("and {n} more source, in the speaker notes", "and {n} more sources, in the speaker notes", rest)
        lines.append(Line(more, [book.count("sources_more")[1]]))
    notes = [
        (t("{name}: {source} ({grade})", name=e["name"], source=e["source"], grade=grade_word(e["grade"], lang)), e)
        for e in book.manifest["evidence"]["sources"]
    ]
    (backed, a), (total, b) = book.count("ledger_backed"), book.count("ledger_rows")
    return Finding(
        kind="sources",
        name="sources",
        kicker=Line(t("Sources, from the evidence ledger")),
        title=Line(
            t("{backed} of {total} coefficients of the model have a published or measured source",
              backed=backed, total=total), [a, b],
        ),
        lines=tuple(lines),
        notes=(Line(t("Sources are quoted in the language in which they are recorded.")),
               *(Line(text, names=[e["name"], e["source"]]) for text, e in notes)),
        table=((Line(t("Source")), Line(t("Grade"))), *rows),
        footer=book.provenance(),
    )  # fmt: skip


def limits_finding(book: Book) -> Finding:
    """Return what the comparison does not show, and which of its inputs are estimates."""
    t, manifest, lang = book.t, book.manifest, book.lang
    reasons: dict[str, None] = {}
    for entry in manifest["regions"].values():
        reasons |= {title(h["not_modelled"], lang): None for h in entry["hypotheses"] if h["not_modelled"]}
    missing = [title(x, lang) for x in left_out(manifest)]
    share, left = book.fact("estimated_share"), book.count("left_out")[1]
    parts = t.plural("{n} part of the source texts is outside the model (see the notes)",
                     "{n} parts of the source texts are outside the model (see the notes)", len(missing))  # fmt: skip
    lines = [_record(book)]
    lines += [Line(t("Training and goals: the evidence is of means; harm in a single office is not ruled out"))]
    lines += [*as_names(list(reasons)[:LIMITS_SHOWN]), Line(parts, [left])]
    labels: list[tuple[str, tuple[str, ...]]] = [(t("Evidence ledger"), ())]
    labels += [(short_region_title(manifest, r, lang), (r,)) for r in manifest["regions"]]
    names = {grade: grade_word(grade, lang) for grade in GRADES}
    return Finding(
        kind="limits",
        name="limits",
        kicker=Line(t("What this does not show")),
        title=Line(
            t(
                "{share} of the regions' numbers are estimates; the effects are simulated, not observed",
                share=t.percent(share),
            ),
            [book.count("estimated_share", style="hundred")[1]],
        ),
        lines=(*lines, Line(t("This tool is not for rating individuals."))),
        notes=(*as_names([*reasons, *missing]), *estimate_notes(book)),
        chart=grade_shares(book, labels, names),
        footer=book.provenance(),
    )


def _record(book: Book) -> Line:
    """Return how the model's predictions of published trials came out, each made without its own ledger row."""
    (total, a), (hits, b), (misses, c) = (book.count("trials", *k) for k in ((), ("hit",), ("miss",)))
    text = book.t("Of {total} predictions of published trials {hits} hit and {misses} missed (80_verification)",
                  total=total, hits=hits, misses=misses)  # fmt: skip
    return Line(text, [a, b, c], ["80_verification"])


def estimate_notes(book: Book) -> Iterator[Line]:
    """Yield which inputs are estimates: of the ledger how many, of each region which quantities."""
    t = book.t
    (count, a), (total, b) = (book.count(k) for k in ("ledger_estimates", "ledger_rows"))
    yield Line(t("Estimates in the evidence ledger: {count} of {total} coefficients, each with its reason in the file",
                 count=count, total=total), [a, b])  # fmt: skip
    for region in book.manifest["regions"]:
        yield from estimates_in(book, region)


def estimates_in(book: Book, region: str) -> list[Line]:
    """Return which quantities of a region are estimates; nothing where none is."""
    t, lang = book.t, book.lang
    paths = [path for path, grade, _ in graded(book.manifest["regions"][region]) if grade == "estimate"]
    listed = ", ".join(dict.fromkeys(REGION[path].in_(lang) for path in paths if path in REGION))
    name = short_region_title(book.manifest, region, lang)
    text = t("Estimates in {region}: {names}", region=name, names=listed)
    return [Line(text, names=[name, listed])] if listed else []


def sources_of(book: Book, region: str) -> dict[str, tuple[str, str]]:
    """Return the sources of a region's numbers with quantity and grade, each once, the strongest first.

    An estimate has no source but the reasons of whoever made it, in the language of the file: it is only counted among
    the estimates.
    """
    found = dict[str, tuple[str, str]]()
    for path, grade, source in graded(book.manifest["regions"][region]):
        if path in REGION and grade != "estimate":
            found.setdefault(_NOTES.sub("", source), (path, grade))
    return dict(sorted(found.items(), key=lambda item: GRADES.index(item[1][1])))


def graded(entry: object, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield path (as labels know it), grade and source of a region's quantities."""
    if isinstance(entry, dict):
        if "grade" in entry and "source" in entry:
            yield path, str(entry["grade"]), str(entry["source"])
        for key, value in entry.items():
            below = "*" if path == "units" else key
            yield from graded(value, f"{path}.{below}" if path else below)


def grade_word(grade: str, lang: str) -> str:
    """Return the name of an evidence grade."""
    t = translator(lang)
    return {
        "measured": t("measured"),
        "published": t("published"),
        "derived": t("derived"),
        "estimate": t("estimate"),
    }[grade]


def shorten(text: str, width: int = 78) -> str:
    """Return a text cut to `width` characters, with an ellipsis: at a bracket or comma, else between words.

    Examples
    --------
    >>> shorten("Tatel & Ackerman, Psychological Bulletin (year not shown)", 50)
    'Tatel & Ackerman, Psychological Bulletin…'
    >>> shorten("37.5 h a week over 5 days: 37.5 x 60 / 5 (Perpres 21/2023, article 4)", 66)
    '37.5 h a week over 5 days: 37.5 x 60 / 5…'
    """
    if len(text) <= width:
        return text
    ends = [m.start() for m in re.finditer(r"[,;:]? [(\[]?", text[:width])]
    marked = [e for e in ends if text[e] in ",;" or text[e + 1] in "(["]
    at = marked[-1] if marked and marked[-1] > width / 2 else ends[-1] if ends else width - 1
    kept = text[:at]
    if kept.count("(") > kept.count(")"):
        kept = kept[: kept.rindex("(")] or kept
    return kept.rstrip(" ,;:") + "…"
