"""What a reader must be told beside the numbers, in both languages.

Notices never stop a run. They are collected in `Comparison.warnings`, written into the
manifest and printed by whoever shows the tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from kinerja_sim.know.fields import Text
from kinerja_sim.know.policies import MONTHS_OF, Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.study.execute import Failure, Job, Options

FEWEST_APPRAISALS = 3
"""With fewer in the horizon, consequences of an appraisal have hardly begun when it ends."""


def notices(jobs: Sequence[Job], options: Options) -> tuple[Text, ...]:
    """Return what must be said about regions, policies and options before anything is run."""
    policies = list({p.name: p for job in jobs for p in job.policies}.values())
    found = [
        _knowledge_off() if options.parameters == "point" else None,
        _short_horizon(policies, options.months),
        _beyond_regulation(policies),
        *_left_out("Kebijakan", "policies", policies),
        *_left_out("Wilayah", "regions", [job.region for job in jobs]),
    ]
    return tuple(text for text in found if text is not None)


def failure_notices(failures: Sequence[Failure], replications: int) -> tuple[Text, ...]:
    """Return one notice for every region that lost replications, with the first reason."""
    texts = []
    for region in dict.fromkeys(f.region for f in failures):
        lost = [f for f in failures if f.region == region]
        n, reason = len(lost), lost[0].reason
        texts.append(
            Text(
                id=f"{n} dari {replications} replikasi gagal di {region} dan tidak dihitung; yang pertama: {reason}.",
                en=f"{n} of {replications} replications failed in {region} and are left out; the first: {reason}.",
            )
        )
    return tuple(texts)


def _knowledge_off() -> Text:
    return Text(
        id="Parameter dipatok pada nilai titiknya (--parameters point): rentang hanya memuat faktor kebetulan, "
        "bukan ketidaktahuan.",
        en="Parameters are fixed at their point values (--parameters point): ranges hold chance only, "
        "not what is unknown.",
    )


def _short_horizon(policies: Sequence[Policy], months: int) -> Text | None:
    short = [p for p in policies if months // MONTHS_OF[p.appraisal.period] < FEWEST_APPRAISALS]
    if not short:
        return None
    names = ", ".join(p.name for p in short)
    enough = FEWEST_APPRAISALS * max(MONTHS_OF[p.appraisal.period] for p in short)
    return Text(
        id=f"Dalam {months} bulan penilaian terjadi kurang dari {FEWEST_APPRAISALS} kali pada: {names}. "
        f"Akibatnya baru tampak sebagian; pakai --months {enough}.",
        en=f"{months} months hold fewer than {FEWEST_APPRAISALS} appraisals under: {names}. "
        f"What follows from them shows only in part; use --months {enough}.",
    )


def _beyond_regulation(policies: Sequence[Policy]) -> Text | None:
    names = ", ".join(p.name for p in policies if p.appraisal.beyond_regulation)
    if not names:
        return None
    return Text(
        id=f"Di luar peraturan (bobot hasil : perilaku bukan 70:30 atau 60:40, PP 30/2019 pasal 41): {names}.",
        en=f"Beyond the regulation (results : behaviour is neither 70:30 nor 60:40, PP 30/2019 article 41): {names}.",
    )


def _left_out(kind_id: str, kind_en: str, things: Sequence[Policy | Region]) -> list[Text]:
    """Return one notice for every set of parts that is left out, with all that leave it out."""
    names: dict[tuple[Text, ...], list[str]] = {}
    for thing in things:
        if thing.left_out:
            names.setdefault(thing.left_out, []).append(thing.name)
    return [
        Text(
            id=f"{kind_id} {', '.join(who)}: yang di luar model: {'; '.join(p.id for p in parts)}.",
            en=f"Outside the model, of {kind_en} {', '.join(who)}: {'; '.join(p.en for p in parts)}.",
        )
        for parts, who in names.items()
    ]
