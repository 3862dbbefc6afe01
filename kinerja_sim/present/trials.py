"""Published trials as listed and as a page: class, printed and simulated effect, width, verdict and why.

Reads tables and the trials' own file only. A reproduction of an input and what cannot be
compared are listed apart and never counted; the summary counts predictions alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.fields import Text
from kinerja_sim.know.schema import METRICS
from kinerja_sim.know.trials import Prediction, Trial, Trials
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Table

if TYPE_CHECKING:
    import pandas as pd

KINDS = {
    "prediction": Text(id="prediksi", en="prediction"),
    "reproduction": Text(id="pengulangan masukan", en="reproduction of an input"),
    "not_comparable": Text(id="tidak dapat dibandingkan", en="not comparable"),
}
VERDICTS = {"hit": Text(id="tepat", en="hit"), "miss": Text(id="meleset", en="miss")}
WIDTHS = {"narrow": Text(id="sempit", en="narrow"), "wide": Text(id="lebar", en="wide")}
LEGEND = Text(
    id="Lebar: selang yang begitu lebar sehingga tepat pun kecil artinya. Di tepi: benih lain dapat membalik putusan.",
    en="Wide: an interval so wide that a hit means little. At the edge: another seed may turn the verdict.",
)
EDGE = Text(id="di tepi", en="at the edge")
DESIGNS = {
    "experiment": Text(id="uji acak", en="experiment"),
    "quasi_experiment": Text(id="kuasi-eksperimen", en="quasi-experiment"),
    "meta_analysis": Text(id="meta-analisis", en="meta-analysis"),
    "correlation": Text(id="korelasi", en="correlation"),
    "before_after": Text(id="sebelum dan sesudah", en="before and after"),
    "simulation": Text(id="simulasi", en="simulation"),
}
_TITLES = {
    "trial": Text(id="Uji", en="Trial"),
    "printed": Text(id="Hasil terbitan", en="Printed"),
    "simulated": Text(id="Simulasi: rata-rata [95 %]", en="Simulated: mean [95 %]"),
    "width": Text(id="Lebar selang", en="Width"),
    "verdict": Text(id="Putusan", en="Verdict"),
    "why": Text(id="Mengapa", en="Why"),
    "kind": Text(id="Kelas", en="Class"),
    "design": Text(id="Rancangan", en="Design"),
    "row": Text(id="Baris yang dicabut", en="Row removed"),
    "mapping": Text(id="Padanan di sini", en="Counterpart here"),
    "also": Text(id="Anggapan lain", en="Another assumption"),
}

PREDICTIONS = ("trial", "printed", "simulated", "width", "verdict")


def amount(value: float, prediction: Prediction, t: Translator) -> str:
    """Return an effect in the unit that the publication printed.

    Examples
    --------
    >>> from kinerja_sim.know.trials import load_trials
    >>> p = load_trials()["mattsson-2025"].prediction
    >>> amount(0.11, p, translator("en")), amount(0.11, p, translator("id"))
    ('+11.0%', '+11,0 %')
    """
    if prediction.change == "relative":
        return t.signed(100.0 * value, 1) + (" %" if t.lang == "id" else "%")
    if prediction.change == "level":
        return t.number(value, 2)
    decimals = 0 if prediction.matters >= 1 else 3
    return t.signed(value, decimals)


def _printed(trial: Trial, t: Translator) -> str:
    assert trial.printed.estimate is not None
    assert trial.prediction is not None
    unit = f" {trial.prediction.unit.in_(t.lang)}" if trial.prediction.unit else ""
    return amount(trial.printed.estimate, trial.prediction, t) + unit


def _simulated(row: Any, prediction: Prediction, t: Translator) -> str:
    mean, low, high = (amount(value, prediction, t) for value in (row.mean, row.low, row.high))
    return f"{mean} [{low}; {high}]"


def _verdict(row: Any, lang: str) -> str:
    words = VERDICTS[row.verdict].in_(lang)
    return f"{words} ({EDGE.in_(lang)})" if row.is_edge else words


def _explained(trial: Trial, verdict: str, lang: str) -> str:
    """Return the explanation, marked where it was written about another verdict than this run's."""
    if trial.explanation is None or trial.verdict_seen is None:
        return ""
    seen = VERDICTS[trial.verdict_seen].in_(lang)
    mark = "" if verdict == trial.verdict_seen else _WRITTEN_WHEN.in_(lang).format(verdict=seen)
    return mark + trial.explanation.in_(lang)


def _rows(results: pd.DataFrame) -> dict[str, Any]:
    return {str(row.id): row for row in results.itertuples()}


def predictions_table(results: pd.DataFrame, trials: Trials, lang: str, columns: Sequence[str] = PREDICTIONS) -> Table:
    """Return every prediction: printed, simulated, width and verdict.

    Parameters
    ----------
    results : DataFrame
        `study.trials.TrialResults.table`.
    trials : Trials
    lang : {'id', 'en'}
    columns : sequence of str
        Which of the cells, in this order.
    """
    t, rows, lines = translator(lang), _rows(results), []
    for trial in trials.trials:
        if trial.prediction is not None:
            row = rows[trial.id]
            cells = {
                "trial": trial.id, "design": DESIGNS[trial.design].in_(lang), "printed": _printed(trial, t),
                "row": ", ".join(f"`{r}`" for r in trial.rows) or "–",
                "simulated": _simulated(row, trial.prediction, t), "width": WIDTHS[row.width].in_(lang),
                "verdict": _verdict(row, lang),
            }  # fmt: skip
            lines.append([cells[name] for name in columns])
    return Table(_heads(columns, lang), lines)


def reasons_table(results: pd.DataFrame, trials: Trials, lang: str) -> Table:
    """Return why predictions missed, or why a hit means less than it seems."""
    rows = _rows(results)
    lines = [
        (trial.id, _verdict(rows[trial.id], lang), _explained(trial, str(rows[trial.id].verdict), lang))
        for trial in trials.trials
        if trial.explanation is not None
    ]
    return Table(_heads(("trial", "verdict", "why"), lang), lines)


def others_table(trials: Trials, lang: str) -> Table:
    """Return every trial that is no prediction, with what was printed and why it is not counted."""
    lines = [
        (trial.id, KINDS[trial.kind].in_(lang), trial.printed.text.in_(lang), trial.why.in_(lang))
        for trial in trials.trials
        if trial.why is not None
    ]
    return Table(_heads(("trial", "kind", "printed", "why"), lang), lines)


def _heads(columns: Iterable[str], lang: str) -> list[str]:
    return [_TITLES[name].in_(lang) for name in columns]


def summary_sentence(summary: Mapping[str, Mapping[str, int]], lang: str) -> str:
    """Return the count of predictions in words; nothing else is counted.

    Examples
    --------
    >>> counts = {"predictions": 3, "hits": 2, "narrow_hits": 1, "misses": 1, "edges": 0}
    >>> other = {"reproduction": 4, "not_comparable": 5}
    >>> summary_sentence({"all": counts, "experiments": counts, "not_counted": other}, "en")
    '3 predictions: 2 hit (1 of them in a narrow interval), 1 missed; 0 at the edge. Of 3 experiments: 2 hit (1).'
    """
    every, tried = summary["all"], summary["experiments"]
    if lang == "id":
        return (
            f"{every['predictions']} prediksi: {every['hits']} tepat ({every['narrow_hits']} di antaranya dengan "
            f"selang sempit), {every['misses']} meleset; {every['edges']} di tepi. "
            f"Dari {tried['predictions']} uji: {tried['hits']} tepat ({tried['narrow_hits']})."
        )
    return (
        f"{every['predictions']} predictions: {every['hits']} hit ({every['narrow_hits']} of them in a narrow "
        f"interval), {every['misses']} missed; {every['edges']} at the edge. "
        f"Of {tried['predictions']} experiments: {tried['hits']} hit ({tried['narrow_hits']})."
    )


def trials_page(
    results: pd.DataFrame, alternatives: pd.DataFrame, summary: Mapping[str, Mapping[str, int]], trials: Trials,
    lang: str, *, date: str, draws: int, seed: int,
) -> str:  # fmt: skip
    """Return the results as a Markdown page with its date, draws and seed."""
    t, rows = translator(lang), _rows(results)
    title = Text(id="Uji yang telah terbit, diramalkan oleh model", en="Published trials, predicted by the model")
    made = Text(
        id="Ditulis oleh `kinerja trials --page docs/trials.md`, {date}; {draws} penarikan, benih {seed}. "
        "Jangan disunting tangan.",
        en="Written by `kinerja trials --page docs/trials.md`, {date}; {draws} draws, seed {seed}. "
        "Do not edit by hand.",
    )
    lines = [f"# {title.in_(lang)}", "", made.in_(lang).format(date=date, draws=draws, seed=seed), ""]
    lines += [f"**{summary_sentence(summary, lang)}**", "", *_RULES[lang], ""]
    columns = ("trial", "design", "row", "printed", "simulated", "width", "verdict")
    lines.append(predictions_table(results, trials, lang, columns).markdown())
    for trial in trials.trials:
        if trial.prediction is not None:
            lines += ["", *_section(trial, trial.prediction, rows[trial.id].verdict, alternatives, t)]
    for kind in ("reproduction", "not_comparable"):
        heading = f"{KINDS[kind].in_(lang)[0].upper()}{KINDS[kind].in_(lang)[1:]}"
        cells = [
            (trial.citation, DESIGNS[trial.design].in_(lang), trial.printed.text.in_(lang), trial.why.in_(lang))
            for trial in trials.trials
            if trial.kind == kind and trial.why is not None
        ]
        lines += ["", f"## {heading}", "", Table(_heads(("trial", "design", "printed", "why"), lang), cells).markdown()]
    return "\n".join(lines) + "\n"


def _section(
    trial: Trial, prediction: Prediction, verdict: str, alternatives: pd.DataFrame, t: Translator
) -> list[str]:
    """Return what was done, what stands for it here, why the verdict, and what other assumptions give."""
    lang = t.lang
    done = (
        f"{trial.setting.in_(lang)}. {trial.done.in_(lang)}. {trial.outcome.in_(lang)}: {trial.printed.text.in_(lang)}."
    )
    label = METRICS[prediction.metric].label.in_(lang) if prediction.metric in METRICS else _PUPILS.in_(lang)
    lines = [f"## {trial.citation} (`{trial.id}`)", "", done, "", f"{prediction.mapping.in_(lang)}. ({label})"]
    lines += ["", _explained(trial, verdict, lang)] if trial.explanation else []
    others = alternatives[alternatives["id"] == trial.id]
    if len(others):
        lines += ["", f"{_TITLES['also'].in_(lang)}:", ""]
        for row in others.itertuples():
            name = str(row.label_id if lang == "id" else row.label_en)
            lines.append(f"- {name}: {_simulated(row, prediction, t)}, {VERDICTS[str(row.verdict)].in_(lang)}")
    return lines


_WRITTEN_WHEN = Text(id="(Ditulis ketika putusannya: {verdict}.) ", en="(Written when the verdict was: {verdict}.) ")
_PUPILS = Text(id="Hasil belajar siswa", en="Pupils' learning")
_RULES = {
    "en": [
        "Each trial is run with the ledger row that it feeds taken out, so that the model cannot give back",
        "what was put in. A *hit* is a printed estimate inside the central 95 % of the simulated effect. An",
        "interval is *wide*, so that a hit means little, when it is longer than from nothing to twice the",
        "printed effect (or twice the smallest effect that matters), or holds both the printed effect and",
        "none. *At the edge*: the bound that decides lies within two Monte Carlo errors, so another seed may",
        "turn the verdict. Other assumptions are shown and never counted. Class, policy, rows and metric were",
        "fixed in `data/trials.yaml` before any result was seen; explanations came after, and so did the few",
        "changes that the head of that file lists.",
    ],
    "id": [
        "Setiap uji dijalankan tanpa baris buku bukti yang diisinya, agar model tidak sekadar mengembalikan",
        "masukan. *Tepat* berarti angka terbitan berada di tengah 95 % pengaruh tersimulasi. Selang itu",
        "*lebar*, sehingga tepat pun kecil artinya, bila lebih panjang daripada dari nol sampai dua kali",
        "angka terbitan (atau dua kali perubahan terkecil yang berarti), atau memuat angka itu dan nol",
        "sekaligus. *Di tepi*: batas yang menentukan berada dalam dua galat Monte Carlo, jadi benih lain",
        "dapat membalik putusan. Anggapan lain ditunjukkan, tidak dihitung. Kelas, kebijakan, baris, dan",
        "ukuran ditetapkan di `data/trials.yaml` sebelum hasil dilihat; penjelasan ditulis sesudahnya, juga",
        "beberapa perubahan yang disebut di kepala berkas itu.",
    ],
}
