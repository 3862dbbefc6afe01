"""What is said of an effect's parts: never more than the draws allow, in both languages."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text as Written

from kinerja_sim.know.fields import Text
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.drivers_report import DriversReport
from kinerja_sim.present.why import group_label, group_labels, why_figure, why_page, why_sentences
from kinerja_sim.study.mechanisms import GROUPS
from kinerja_sim.study.parts import Game, Question, divide
from tests.fakes import make_manifest, printed, save_fakes

METRIC, UNIT, N = "turnaround_days_mean", "sukamiskin", 100
MANIFEST = make_manifest(replications=N)
NOTE = Text(id="Catatan.", en="A note.")
EVEN = np.linspace(0.9, 1.1, N)


def parts_of(groups, effects, together=0.0, scenario="arcamanik"):
    """Return the table of groups that change turnaround by `effects` [group, replication] and by more together."""
    effects = [np.broadcast_to(effect, N) for effect in effects]
    game = np.array([sum(e for i, e in enumerate(effects) if s >> i & 1) * np.ones(N) for s in range(2 ** len(groups))])
    if len(groups):
        game[-1] += together
    outcomes = (3.0 + game)[:, None, :, None] * np.ones(len(METRICS))
    whole = Game(tuple(groups), (UNIT,), np.arange(N), np.arange(N), outcomes, 0)
    return divide(whole, Question("arcamanik", UNIT, METRIC, scenario, "after"), "baseline").table


def say(table, lang="en"):
    """Return the sentences of a table."""
    return why_sentences(table, MANIFEST, lang)


CLEAR = parts_of(["goals", "training"], [-2 * EVEN, -0.5 * EVEN], together=0.3)


def test_every_group_has_a_label_in_both_languages():
    """Groups and timing are named, each by a name of its own, in Indonesian and English."""
    for lang in ("id", "en"):
        labels = group_labels(lang)
        assert set(labels) == {*GROUPS, "timing"}
        assert len(set(labels.values())) == len(labels)
    assert group_label("appraisal+goals", "en") == "appraisal + goals"


def test_the_notebook_says_the_whole_of_its_own_run_before_the_parts(tmp_path):
    """Parts of a smaller run stand below the whole of that run, to which they add up."""
    report = DriversReport(save_fakes(tmp_path), "en", "tebing-tinggi")
    text = report.mechanisms(SimpleNamespace(table=CLEAR, manifest=MANIFEST))
    whole, largest, first = say(CLEAR)[:3]
    assert 0 < text.index(whole) < text.index(largest) < text.index(first)


def test_the_whole_comes_first_then_the_largest_then_every_part():
    """Whole, largest, one sentence a part and the interaction, each with its number, range and n."""
    said = say(CLEAR)

    assert said[0].startswith("Annual work plan and periodic review (text): Mean turnaround at Cisaranten Bina Harapan")
    assert "falls by 2.2 working days (−2.4 to −2.0; n = 100)." in said[0]
    assert said[1] == "The largest part is that of goals, −1.9 working days (−2.0 to −1.7; n = 100)."
    assert [s.split(":")[0] for s in said[2:4]] == ["Part of goals", "Part of training"]
    assert said[4] == (
        "Interaction, what groups do together beyond each alone: +0.30 working days (+0.30 to +0.30; n = 100)."
    )
    assert len(said) == 5


@pytest.mark.parametrize(
    ("led", "words"),
    [
        (100, "The largest part is that of goals,"),
        (97, "The largest part is very likely that of goals,"),
        (75, "The largest part is likely that of goals,"),
        (66, "Which part is the largest cannot be told."),
        (50, "Which part is the largest cannot be told."),
    ],
)
def test_the_largest_part_is_named_as_surely_as_the_draws_allow(led, words):
    """The same ladder as for any claim: the lower Wilson bound decides the words."""
    goals = np.where(np.arange(N) < led, -2.0, -0.5) * EVEN
    assert words in say(parts_of(["training", "goals"], [-1.0 * EVEN, goals]))[1]


@pytest.mark.parametrize(
    "effects",
    [
        [[0.001], [-0.002]],  # too small to matter
        [np.where(np.arange(N) % 2, -3.0, 3.0), [0.1]],  # as often better as worse
    ],
    ids=["too small", "too unsure"],
)
def test_no_part_is_the_largest_of_an_effect_without_a_direction(effects):
    """Where the whole is practically nothing or cannot be told, no part is called the largest."""
    said = say(parts_of(["goals", "training"], effects))[1]
    assert said == "The effect as a whole is too small or too unsure to name its largest part."


def test_one_replication_names_nothing():
    """From one replication neither the whole nor its largest part can be told."""
    outcomes = np.array([3.0, 2.0, 1.0, 0.0])[:, None, None, None] * np.ones((1, 1, len(METRICS)))
    game = Game(("goals", "training"), (UNIT,), np.arange(1), np.arange(1), outcomes, 0)
    table = divide(game, Question("arcamanik", UNIT, METRIC, "arcamanik", "after"), "baseline").table
    said = say(table)

    assert "cannot tell from one replication" in said[0]
    assert "too unsure to name its largest part" in said[1]


def test_the_sentences_are_indonesian_too():
    """The same claims, with numbers as Indonesian writes them."""
    said = say(CLEAR, "id")

    assert said[1] == "Bagian terbesar adalah bagian sasaran, −1,9 hari kerja (−2,0 sampai −1,7; n = 100)."
    assert said[3].startswith("Bagian pelatihan: Waktu penyelesaian rata-rata di")


ALL = parts_of([*list(GROUPS)[2:], "appraisal+channels_feedback"], np.outer(np.linspace(-1, 0.5, 7), EVEN))
NOTHING = parts_of([], [], scenario="null")


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("table", [CLEAR, ALL, NOTHING], ids=["two", "seven", "none"])
def test_the_figure_shows_every_part_with_unit_n_seed_and_run(table, lang):
    """Parts and sums are labelled, the footer says where they come from, and nothing sticks out of the page."""
    figure = why_figure(table, MANIFEST, lang)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    # Matplotlib keeps the labels of ticks beyond the axis, and draws none of them.
    beyond = [
        tick.label1 for ax in figure.axes for tick in ax.xaxis.get_major_ticks()
        if not ax.get_xlim()[0] <= tick.get_loc() <= ax.get_xlim()[1]
    ]  # fmt: skip
    written = [t for t in figure.findobj(Written) if t.get_text().strip() and t.get_visible() and t not in beyond]
    shown = " ".join(t.get_text().replace("\n", " ").lower() for t in written)
    width, height = canvas.get_width_height()
    boxes = {t.get_text(): t.get_window_extent(canvas.get_renderer()) for t in written}

    groups = table.loc[table["part"] == "share", "group"]
    assert all(group_label(group, lang) in shown for group in groups)
    for part in ("n = 100", "fa4e0001", {"id": "hari kerja", "en": "working days"}[lang]):
        assert part in shown
    assert [k for k, b in boxes.items() if b.x0 < -1 or b.y0 < -1 or b.x1 > width + 1 or b.y1 > height + 1] == []


def test_the_figure_draws_the_numbers_of_the_table():
    """Each line of the figure is a part's plausible range, precision and mean."""
    top, bottom = why_figure(CLEAR, MANIFEST, "en").axes
    drawn = [[line.get_xdata() for line in ax.lines[: 3 * n]] for ax, n in ((top, 2), (bottom, 2))]
    for lines, parts in zip(drawn, (["share"], ["total", "interaction"]), strict=True):
        rows = pd.concat([CLEAR[CLEAR["part"] == part] for part in parts])
        for i, row in enumerate(rows.to_dict("records")):
            assert lines[3 * i] == pytest.approx([row["low"], row["high"]])
            assert lines[3 * i + 1] == pytest.approx([row["ci_low"], row["ci_high"]])
            assert lines[3 * i + 2] == pytest.approx([row["delta_mean"]])


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_shows_parts_alone_and_interaction(width):
    """On a wide terminal and on a narrow one every part is there, with what a part means and the notes."""
    text = printed(why_page(CLEAR, MANIFEST, (NOTE,), "en"), width=width)

    for part in ("Goals", "Training", "Whole policy", "Interaction", "−1.9", "Shapley", "A note.", "run fa4e0001"):
        assert part in text
    assert text.count("Goals") == 2


def test_the_notebook_shows_the_same_and_no_markup_of_a_title():
    """The Markdown holds the sentences, both tables, and a title with markup as text."""
    own = MANIFEST["policies"]["arcamanik"] | {"title": {"id": "<b>Kami</b>", "en": "Ours"}}
    manifest = MANIFEST | {"policies": MANIFEST["policies"] | {"arcamanik": own}}
    text = why_page(CLEAR, manifest, (NOTE,), "id").markdown()

    assert text.count("| :-- | --: |") == 2
    assert "&lt;b>Kami&lt;/b>: Waktu" in text
    assert "Bagian terbesar adalah bagian sasaran" in text
    assert "- Catatan." in text


def test_the_interaction_carries_no_word_of_the_ladder():
    """An interaction is no effect of a policy, so it has no chance and neither falls nor gets worse."""
    cells = why_page(CLEAR, MANIFEST, (), "en").tables[-1].rows[-1]

    assert cells[0] == "Interaction"
    assert [*cells[4:]] == ["–", ""]
