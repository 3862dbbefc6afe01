"""What is said and drawn of sensitivities, boxes, decisions, weights and transfers."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from SALib.sample import sobol

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.changes import change_text
from kinerja_sim.present.decision_figures import pareto_figure, worth_figure
from kinerja_sim.present.decisions import decision_cells, decision_page, decision_sentences
from kinerja_sim.present.discovery import discovery_page, discovery_sentences
from kinerja_sim.present.i18n import LANGUAGES
from kinerja_sim.present.sensitivity import (
    grades_figure,
    sensitivity_cells,
    sensitivity_figure,
    sensitivity_page,
    sensitivity_sentences,
)
from kinerja_sim.present.text import evidence_text
from kinerja_sim.present.transfer import transfer_figure, transfer_page, transfer_sentences
from kinerja_sim.present.weights import weight_figure, weight_sentences
from kinerja_sim.study.decisions import decide
from kinerja_sim.study.discover import discover
from kinerja_sim.study.sensitivity import sensitivity
from kinerja_sim.study.transfer import transfer
from kinerja_sim.study.weight_map import criteria_map, weight_map
from tests.fake_sweep import write_sweep
from tests.fakes import printed

FACTORS = [
    {"name": "policy.appraisal.stakes", "kind": "policy"},
    {"name": "parameter.sdp_medium", "kind": "parameter", "grade": "published"},
    {"name": "parameter.effect_discount", "kind": "parameter", "grade": "estimate"},
]
WEIGHTS = [{"name": f"policy.appraisal.weights.{s}", "kind": "policy"} for s in ("results", "citizens", "supervisor")]
PAIRS = [(d, d * 2 + r) for d in range(50) for r in range(2)]
KNOWN = pd.DataFrame({"draw": np.arange(50), "sdp_medium": np.linspace(-1, 1, 50)})


def spread(scale):
    """Return an outcome whose effect is mostly the estimate's."""

    def outcome(place, policy, _draw, replication):
        effect = place["parameter.sdp_medium"] + 3 * place["parameter.effect_discount"]
        return {"satisfaction_index": 70.0 + replication + (0 if policy == "baseline" else scale * effect)}

    return outcome


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """Return the sensitivity of an effect of which nine tenths rest on an estimate."""
    x = sobol.sample({"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}, 64, calc_second_order=False, seed=3)
    pairs = [(0, r) for r in range(4)]
    folder = write_sweep(tmp_path_factory.mktemp("a"), x, FACTORS, spread(2.0), pairs=pairs)
    small = write_sweep(tmp_path_factory.mktemp("b"), x, FACTORS, spread(0.01), pairs=pairs)
    return sensitivity(folder, "satisfaction_index"), sensitivity(small, "satisfaction_index"), folder


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Return the folder of a sweep over mixes whose worth hangs on one unknown."""

    def outcome(place, policy, draw, _replication):
        citizens = 0.0 if policy == "baseline" else place["policy.appraisal.weights.citizens"]
        hours = 1000.0 - 100.0 * citizens * KNOWN["sdp_medium"][draw]
        return {"waiting_hours": hours, "cost_idr": 1e6 + 1e5 * citizens, "satisfaction_index": 70.0 + citizens}

    x = np.array([(a / 4, b / 4, 1 - a / 4 - b / 4) for a in range(5) for b in range(5 - a)])
    return write_sweep(
        tmp_path_factory.mktemp("m"), x, WEIGHTS, outcome, method="grid", policies=["arcamanik"], pairs=PAIRS,
        draws=KNOWN,
    )  # fmt: skip


@pytest.fixture(scope="module")
def moved():
    """Return a small transfer."""
    return transfer("quarterly_kpi", "arcamanik", "tebing-tinggi", replications=3, months=4, pre_months=1)


def test_the_share_that_rests_on_estimates_is_said_with_its_interval(analysed):
    """'x% (a–b) of the spread rests on estimates' in both languages, numbers as the table has them."""
    found = analysed[0]
    row = found.grades.set_index("grade").loc["estimate"]
    numbers = f"({100 * row['share_low']:.0f}–{100 * row['share_high']:.0f})"

    said = {lang: " ".join(sensitivity_sentences(found, lang)) for lang in LANGUAGES}
    assert f"{100 * row['share']:.0f}% {numbers} of the spread of this result rests on estimates" in said["en"]
    assert f"{100 * row['share']:.0f} % {numbers} sebaran hasil ini bertumpu pada perkiraan" in said["id"]
    assert "The largest factor is published d → effect in an ASN office (effect_discount)" in said["en"]
    assert "Faktor terbesar adalah effect_discount" in said["id"]


def test_a_spread_too_small_to_matter_is_called_so(analysed):
    """Shares of a trifle are told to be shares of a trifle, and those of a real spread are not."""
    assert "divide trifles" in " ".join(sensitivity_sentences(analysed[1], "en"))
    assert "divide trifles" not in " ".join(sensitivity_sentences(analysed[0], "en"))


@pytest.mark.parametrize("name", ["first", "total"])
def test_an_index_of_which_nothing_is_known_is_not_printed(analysed, name):
    """An index whose interval is wider than 0 to 1 gives way to 'too few points', explained below the table."""
    found = analysed[0]
    planted = found.table.copy()
    planted.loc[0, [name, f"{name}_low", f"{name}_high"]] = [1.28, 0.45, 2.12]
    _, rows = sensitivity_cells(replace(found, table=planted), "en")

    assert "Too few points" not in " ".join(sensitivity_sentences(found, "en"))
    assert [cell for row in rows for cell in row].count("too few points") == 1
    assert rows[0][{"first": 3, "total": 5}[name]] == "too few points"
    assert "Too few points: the interval" in sensitivity_sentences(replace(found, table=planted), "en")[-1]


def test_missing_knowledge_of_chance_is_said(tmp_path):
    """With one replication a point the reader is told that chance cannot be told."""
    x = sobol.sample({"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}, 16, calc_second_order=False, seed=3)
    found = sensitivity(write_sweep(tmp_path / "one", x, FACTORS, spread(2.0)), "satisfaction_index")

    assert "how much of the spread is chance cannot be told" in " ".join(sensitivity_sentences(found, "en"))


def test_without_a_box_there_is_no_table(analysed):
    """A condition that every point meets leaves a sentence, and no heads over nothing."""
    page = discovery_page(discover(analysed[2], "satisfaction_index >= 0"), "en")

    assert "no box to find" in page.said[1]
    assert page.tables == []


def test_boxes_are_said_with_coverage_and_density(analysed):
    """A box is told by its bounds, how pure it is and how much it holds."""
    found = discover(analysed[2], "satisfaction_index >= 76")
    box = found.boxes.iloc[0]
    said = discovery_sentences(found, "en")[1]

    assert "(effect_discount) ≥" in said
    assert f"{100 * box['density']:.0f}%" in said
    assert f"{100 * box['coverage']:.0f}%" in said


def test_best_is_said_no_surer_than_the_states_allow(mixed):
    """An option that is best in half of the states is not called best; one best in nearly all is."""
    unsure, sure = decide(mixed, value_idr=1e6), decide(mixed, "satisfaction_index")

    assert decision_sentences(unsure, "en")[0].startswith("Which option is best cannot be told")
    assert "best: arcamanik (results 0%, citizens 100%, supervisor 0%)" in decision_sentences(sure, "en")[0]
    assert decision_sentences(sure, "en")[0].split(":")[0] in ("Very likely best", "Likely best")


def test_what_knowledge_is_worth_is_a_range_in_rupiah(mixed):
    """The worth is told from low to high with both estimates and how each errs, and the unknown to learn first."""
    found = decide(mixed, value_idr=1e6)
    said, whole = " ".join(decision_sentences(found, "id")), found.information.iloc[0]
    told = re.search(r"keputusan: (\S+) menurut penduga yang condong terlalu rendah, (\S+) menurut", said)

    assert told is not None
    amounts = [float(shown.replace(".", "").replace(",", ".")) for shown in told.groups()]
    assert amounts == pytest.approx([whole["value"] / 1e6, whole["optimistic"] / 1e6], rel=0.05)
    assert "juta rupiah per keputusan" in said
    assert "Paling berharga untuk dipelajari lebih dahulu" in said
    assert "sdp_medium" in said


def test_a_cost_front_is_shown_only_beside_what_has_no_cost_in_it(mixed):
    """Judged by net benefit, which counts cost already, there is no such column; judged by a metric there is."""
    heads = [decision_cells(found, "en") for found in (decide(mixed), decide(mixed, "satisfaction_index"))]

    assert ["On the cost front" in each for each, _ in heads] == [False, True]
    assert all(len(row) == len(each) for each, rows in heads for row in rows)


def test_the_distance_to_another_ranking_is_said(mixed):
    """The map's sentence gives the weight that must move, to two decimals, and where to."""
    found = criteria_map(mixed, ("satisfaction_index", "cost_idr"), {"satisfaction_index": 0.7, "cost_idr": 0.3})

    assert weight_sentences(found, "en")[1].startswith("Weights must move by 0.20 before ")
    assert weight_sentences(found, "id")[1].startswith("Bobot harus bergeser 0,20 sebelum ")


def test_a_mix_of_weights_is_called_by_the_ladder(mixed):
    """A policy is no better than its own row lets be said, with range and n; criteria compare means, and say so."""
    found = weight_map(mixed, "waiting_hours")  # hours fall in one half of the draws and rise in the other
    better = weight_map(mixed, "satisfaction_index")  # satisfaction by a point where only citizens count
    by_eye = criteria_map(mixed, ("satisfaction_index", "cost_idr"))

    for one, word in ((found, "cannot tell"), (better, "very likely better")):
        row = one.table[one.table["citizens"] == 1].iloc[0]
        at = {name: float(row[name]) for name in one.names}
        said = weight_sentences(replace(one, stated=at, winner=row["winner"]), "en")[0]
        assert f"compared with the reference {word}, {change_text(row, 'en')}" in said
        assert f"({evidence_text(row, 'en')})" in said
    assert "is ahead on the means of 50 states" in weight_sentences(by_eye, "en")[0]
    assert "unggul menurut rata-rata 50 keadaan" in weight_sentences(by_eye, "id")[0]
    assert "best" not in weight_sentences(by_eye, "en")[0]


def test_a_mix_without_a_likely_verdict_is_drawn_hollow(mixed):
    """The map of weights marks every mix about which little can be said, in its legend too, and says draws and n."""
    figure = weight_figure(weight_map(mixed, "waiting_hours"), "en")
    hollow = "hollow: not even likely better or worse"
    marks = {line.get_label(): line for line in figure.axes[0].lines}
    legend = [text.get_text() for text in figure.legends[0].get_texts()]

    assert len(marks[hollow].get_xdata()) == 15
    assert hollow in legend
    assert "50 draws × 2 replications of each mix · seed" in " ".join(text.get_text() for text in figure.texts)
    sure = weight_figure(weight_map(mixed, "satisfaction_index"), "id")
    assert sum("berongga" in text.get_text() for text in sure.legends[0].get_texts()) == 1
    # all mixes but one move it by less than what matters
    assert len(next(x for x in sure.axes[0].lines if "berongga" in str(x.get_label())).get_xdata()) == 14


def test_a_gap_between_mixes_too_small_to_matter_is_called_so(mixed):
    """Mixes whose best and worst differ by exactly what matters are not called trifles; by less they are."""
    found = weight_map(mixed, "satisfaction_index")

    assert "less than the smallest" not in " ".join(weight_sentences(found, "en"))
    assert "less than the smallest" in " ".join(weight_sentences(weight_map(mixed, "waiting_hours"), "en"))


def test_parts_of_a_difference_get_no_words_of_the_ladder(moved):
    """Only the two effects are called likely or not; parts have numbers and ranges."""
    lines = printed(transfer_page(moved, "en"), width=140).splitlines()
    parts = [line for line in lines if line.strip().startswith(("size:", "workload:", "rules", "Difference "))]

    assert len(parts) == 4
    assert not any(word in line for line in parts for word in ("falls", "rises", "cannot tell", "worse"))
    assert any("estimates, not measured there" in line for line in transfer_sentences(moved, "en"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_and_table_can_be_drawn_in_both_languages(analysed, mixed, moved, lang):
    """Nothing fails, every figure is a picture, and every table says where its numbers come from."""
    chosen = decide(mixed, value_idr=1e6)
    figures = [
        sensitivity_figure(analysed[0], lang), grades_figure(analysed[0], lang), pareto_figure(chosen, lang),
        worth_figure(chosen, lang), weight_figure(weight_map(mixed, "satisfaction_index"), lang),
        weight_figure(criteria_map(mixed, ("satisfaction_index", "cost_idr")), lang), transfer_figure(moved, lang),
    ]  # fmt: skip
    tables = [
        sensitivity_page(analysed[0], lang), decision_page(chosen, lang),
        discovery_page(discover(analysed[2], "satisfaction_index >= 76"), lang), transfer_page(moved, lang),
    ]  # fmt: skip

    assert all(figure.png().startswith(b"\x89PNG") for figure in figures)
    for figure in figures:
        words = " ".join(text.get_text() for text in figure.texts)
        assert ("benih" if lang == "id" else "seed") in words
        assert ("abc123" in words) or ("n = 3" in words)
    assert all(len(printed(table).splitlines()) > 4 for table in tables)


def test_a_map_of_four_weights_is_refused(tmp_path):
    """Four weights do not fit a triangle."""
    names = ["results", "citizens", "supervisor", "peers"]
    folder = write_sweep(
        tmp_path / "four", np.eye(4), [{"name": f"policy.appraisal.weights.{n}", "kind": "policy"} for n in names],
        lambda _x, _p, draw, _r: {"satisfaction_index": float(draw)}, method="grid", pairs=[(0, 0), (1, 1)],
    )  # fmt: skip

    with pytest.raises(InputError, match="must be two or three to be drawn; got 4"):
        weight_figure(weight_map(folder, "satisfaction_index"), "en")
