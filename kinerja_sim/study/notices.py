"""What a reader must be told beside the numbers, in both languages.

Notices never stop a run. They are collected in `Comparison.warnings`, written into the
manifest and printed by whoever shows the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kinerja_sim.know.fields import Text
from kinerja_sim.know.policies import MONTHS_OF, Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.study.execute import Failure, Job, Options

FEWEST_APPRAISALS = 3
"""With fewer in the horizon, consequences of an appraisal have hardly begun when it ends."""
MOST_NAMED = 4
_BEYOND = Text(
    id="Di luar peraturan (bobot hasil : perilaku bukan 70:30, atau 60:40 dengan pendapat rekan kerja, "
    "PP 30/2019 pasal 41): {}.",
    en="Beyond the regulation (results : behaviour is neither 70:30 nor, with peers heard, 60:40, "
    "PP 30/2019 article 41): {}.",
)
_UNHEARD = Text(
    id="Pembagian 60:40 mensyaratkan pendapat rekan kerja dan bawahan langsung (PP 30/2019 pasal 41); bawahan "
    "tidak didengar pada: {}.",
    en="A split of 60:40 asks for the opinions of peers and direct subordinates (PP 30/2019 article 41); "
    "subordinates are not heard under: {}.",
)
_IDLE = Text(
    id="Predikat tidak berakibat apa pun pada: {} (tanpa konsekuensi, sasaran, pembicaraan hasil, penghargaan, "
    "pembinaan, atau tunjangan). Yang berubah hanya predikatnya; layanan paling jauh berubah oleh waktu pegawai yang "
    "terpakai untuk menilai. Beri predikat itu konsekuensi, atau beri sasaran atau umpan balik.",
    en="Nothing follows from the grade under: {} (no consequences, goals, talks, awards, coaching or pay). Only the "
    "grade changes; the service changes at most by the time that officers spend on appraising. Let something follow "
    "from the grade, or add goals or feedback.",
)


def notices(jobs: Sequence[Job], options: Options) -> tuple[Text, ...]:
    """Return what must be said about regions, policies and options before anything is run."""
    reference = jobs[0].policies[0]
    policies = _told_apart(list({p.name: p for job in jobs for p in job.policies}.values()), reference)
    found = [
        _knowledge_off() if options.parameters == "point" else None,
        _short_horizon(policies, options.months),
        _about([p for p in policies if p.appraisal.beyond_regulation], _BEYOND),
        _about([p for p in policies if p.appraisal.misses_subordinates], _UNHEARD),
        nothing_follows([p for p in policies if changes_grade_only(p, reference)]),
        one_officer([job.region for job in jobs]),
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
        id="Parameter dipatok pada nilai titiknya: rentang hanya memuat faktor kebetulan, bukan ketidaktahuan.",
        en="Parameters are fixed at their point values: ranges hold chance only, not what is unknown.",
    )


def _short_horizon(policies: Sequence[Policy], months: int) -> Text | None:
    short = [p for p in policies if months // MONTHS_OF[p.appraisal.period] < FEWEST_APPRAISALS]
    if not short:
        return None
    enough = FEWEST_APPRAISALS * max(MONTHS_OF[p.appraisal.period] for p in short)
    return Text(
        id=f"Dalam {months} bulan penilaian terjadi kurang dari {FEWEST_APPRAISALS} kali pada: {_named(short, 'id')}. "
        f"Akibatnya baru tampak sebagian; perlu {enough} bulan.",
        en=f"{months} {'month holds' if months == 1 else 'months hold'} fewer than {FEWEST_APPRAISALS} appraisals "
        f"under: {_named(short, 'en')}. "
        f"What follows from them shows only in part; it takes {enough} months.",
    )


def _about(policies: Sequence[Policy], said: Text) -> Text | None:
    """Return what is said with the titles of the policies that it is about; None without any."""
    if not policies:
        return None
    return Text(id=said.id.format(_named(policies, "id")), en=said.en.format(_named(policies, "en")))


def _told_apart(policies: Sequence[Policy], reference: Policy) -> list[Policy]:
    """Return the policies with their names added to titles that several of them have, as the manifest has them."""
    titles = Counter(p.title for p in policies)

    def titled(p: Policy) -> Policy:
        if titles[p.title] == 1 or p.name == reference.name:
            return p
        return p.model_copy(update={"title": Text(id=f"{p.title.id} ({p.name})", en=f"{p.title.en} ({p.name})")})

    return [titled(p) for p in policies]


def one_officer(regions: Sequence[Region]) -> Text | None:
    """Return which units' officers are in no table, because a row would be about one person; None without any."""
    found = [f"{r.name}/{name}" for r in regions for name, unit in r.units.items() if not unit.shows_officers]
    if not found:
        return None
    units = ", ".join(found)
    return Text(
        id=f"Satu petugas saja di {units}: motivasi, resistensi, laju, dan nilainya tidak ditunjukkan, sebab itu "
        "menyangkut satu orang.",
        en=f"One officer only at {units}: motivation, resistance, service rate and grades are not shown, for they "
        "would be about one person.",
    )


def changes_grade_only(policy: Policy, reference: Policy) -> bool:
    """Return whether a policy differs from the reference only in a grade from which nothing follows.

    Examples
    --------
    >>> from kinerja_sim import load_policy
    >>> base = load_policy("baseline")
    >>> idle = base.replace(appraisal__period="quarterly")
    >>> changes_grade_only(idle, base), changes_grade_only(idle.replace(appraisal__stakes=0.4), base)
    (True, False)
    """
    naming = {"name", "title", "description", "author", "sources", "left_out"}
    parts = policy.model_dump(exclude=naming), reference.model_dump(exclude=naming)
    differing = {key for key in parts[0] if parts[0][key] != parts[1][key]}
    blocks = (policy.recognition, policy.coaching, policy.allowance, policy.turnover)
    follows = [policy.appraisal.stakes, policy.goals != "none", any(policy.feedback.model_dump().values()), *blocks]
    return bool(differing) and differing <= {"appraisal", "channels"} and not any(follows)


def nothing_follows(policies: Sequence[Policy]) -> Text | None:
    """Return why policies that change the grade alone leave the service as it is; None when there are none."""
    return _about(policies, _IDLE)


def _left_out(kind_id: str, kind_en: str, things: Sequence[Policy | Region]) -> list[Text]:
    """Return one notice for every set of parts that is left out, with all that leave it out."""
    found: dict[tuple[Text, ...], list[Policy | Region]] = {}
    for thing in things:
        if thing.left_out:
            found.setdefault(thing.left_out, []).append(thing)
    return [
        Text(
            id=f"{kind_id} {_named(who, 'id')}: yang di luar model: {'; '.join(p.id for p in parts)}.",
            en=f"Outside the model, of {kind_en} {_named(who, 'en')}: {'; '.join(p.en for p in parts)}.",
        )
        for parts, who in found.items()
    ]


def _named(things: Sequence[Policy | Region], lang: str) -> str:
    """Return the titles, the first few of many."""
    few = things if len(things) <= MOST_NAMED + 1 else things[:MOST_NAMED]
    more = {"id": f" dan {len(things) - len(few)} lainnya", "en": f" and {len(things) - len(few)} others"}[lang]
    return ", ".join(f"“{thing.title.in_(lang)}”" for thing in few) + (more if len(few) < len(things) else "")
