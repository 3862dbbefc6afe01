import re
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.figures import effect_figure
from kinerja_sim.present.paths import month_figure
from kinerja_sim.present.small_multiples import regions_figure
from kinerja_sim.present.style import COLOURS, MARKERS, style_of
from kinerja_sim.present.text import median_note, star_note

METRIC = "turnaround_days_mean"


def texts(figure):
    """Return every text that a figure shows, after it is laid out."""
    FigureCanvasAgg(figure).draw()
    return [t.get_text() for t in figure.findobj(Text) if t.get_text() and t.get_visible()]


def outside(figure):
    """Return the texts that stick out of the page or whose box is missing."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    width, height = canvas.get_width_height()
    boxes = {
        t.get_text(): t.get_window_extent(canvas.get_renderer()) for t in figure.findobj(Text) if t.get_text().strip()
    }
    return [k for k, b in boxes.items() if b.x0 < -1 or b.y0 < -1 or b.x1 > width + 1 or b.y1 > height + 1]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_an_effect_figure_says_unit_n_seed_run_and_what_the_lines_mean(saved, lang):
    """The axis carries the unit and the footer the provenance; nothing sticks out of the page."""
    figure = effect_figure(saved.contrasts, saved.manifest, "tebing-tinggi", METRIC, lang, unit="ktp")
    shown = " ".join(texts(figure))
    for part in ("n = 20", "fa4e0001", "Monte Carlo", {"id": "hari kerja", "en": "working days"}[lang]):
        assert part in shown
    assert outside(figure) == []


def test_a_figure_draws_the_numbers_of_the_table(saved):
    """Point, thick and thin line are the mean, its precision and the plausible range of the contrast."""
    figure = effect_figure(saved.contrasts, saved.manifest, "arcamanik", "on_time_share", "en")
    contrasts = saved.contrasts
    at = (contrasts["region"] == "arcamanik") & (contrasts["scenario"] == "arcamanik")
    row = contrasts[at & (contrasts["metric"] == "on_time_share") & (contrasts["window"] == "after")].iloc[0]
    thin, thick, point = (line.get_xdata() for line in figure.axes[0].lines[:3])
    assert thin == pytest.approx([100 * row["low"], 100 * row["high"]])
    assert thick == pytest.approx([100 * row["ci_low"], 100 * row["ci_high"]])
    assert point == pytest.approx([100 * row["delta_mean"]])


def test_a_point_stands_at_the_median_where_the_sentence_does(saved):
    """Where draws that cannot cope carry a mean, point and description show the median."""
    at = (saved.contrasts["scenario"] == "arcamanik") & (saved.contrasts["metric"] == METRIC)
    table = saved.contrasts.copy()
    table.loc[at, ["delta_mean", "median", "low", "high", "n_unstable"]] = [-4.0, -0.75, -9.0, 2.0, 9]
    figures = (
        effect_figure(table, saved.manifest, "arcamanik", METRIC, "en"),
        regions_figure(table, saved.manifest, METRIC, "en"),
    )
    _, thick, point = (line.get_xdata() for line in figures[0].axes[0].lines[:3])
    assert np.isnan(thick).all()
    assert list(point) == [-0.75]
    assert all(re.search(r"Own policy: −0\.8 \(−9\.0 to \+2\.0\), [a-z ]+ \(median\)\.", f.alt) for f in figures)
    for figure in figures:  # what a median does there is said once, in the footer and to screen readers
        assert " ".join(" ".join(texts(figure)).split()).count("Median: in some simulations") == 1
        assert figure.alt.count(median_note("en")) == 1


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_description_has_the_stars_of_its_figure(saved, lang):
    """Where a mean points the other way, the words are starred in figure and description, and the star is explained."""
    at = (saved.contrasts["scenario"] == "arcamanik") & (saved.contrasts["metric"] == METRIC)
    table = saved.contrasts.copy()
    table.loc[at, ["delta_mean", "low", "high", "probability_low", "probability_high"]] = [0.4, -1.0, 2.0, 0.9, 1.0]
    figure = effect_figure(table, saved.manifest, "arcamanik", METRIC, lang)
    starred = [text for text in texts(figure) if text.endswith(" *")]
    assert len(starred) == 1
    for one in (figure, regions_figure(table, saved.manifest, METRIC, lang)):
        assert f"{starred[0]}." in one.alt
        assert star_note(lang) in one.alt


def test_every_unit_gets_its_panel(saved):
    """Without a unit, each unit that observed the metric has a panel with its title."""
    figure = effect_figure(saved.contrasts, saved.manifest, "tangerang-selatan", METRIC, "en")
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "RSU outpatient counter", "Handling of citizens' complaints", "KTP-el",
    ]  # fmt: skip


def test_policies_keep_their_style_and_differ_without_colour(saved):
    """One policy has one style in every figure, and markers alone tell policies apart."""
    order = saved.manifest["scenarios"]["tebing-tinggi"][2:]
    styles = [style_of(saved.manifest, "tebing-tinggi", s) for s in order]
    assert styles[0] == (COLOURS[0], MARKERS[0])
    assert len({marker for _, marker in styles}) == len(styles)


def test_a_policy_keeps_its_style_when_others_are_run_beside_it(saved):
    """One more officer looks the same whatever else was compared."""
    fewer = saved.manifest | {"scenarios": {"arcamanik": ["baseline", "one_more_officer", "arcamanik"]}}
    assert style_of(fewer, "arcamanik", "one_more_officer") == style_of(saved.manifest, "arcamanik", "one_more_officer")


def test_a_metric_that_nobody_observed_is_refused(saved):
    """A figure of nothing is a user's mistake, not an empty page."""
    with pytest.raises(InputError, match="must have been observed in region 'arcamanik'"):
        effect_figure(saved.contrasts.assign(delta_mean=np.nan), saved.manifest, "arcamanik", METRIC, "en")
    with pytest.raises(InputError, match="`metric` must be a metric of the schema"):
        effect_figure(saved.contrasts, saved.manifest, "arcamanik", "speed", "en")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_months_before_the_policy_are_flat_at_zero(saved, lang):
    """The path of a paired effect starts at exactly zero, because the months before are the same."""
    figure = month_figure(saved.results, saved.manifest, "tebing-tinggi", METRIC, lang)
    line = figure.axes[0].lines[0]
    before = line.get_xdata() < 0
    assert before.sum() == saved.manifest["pre_months"]
    assert (line.get_ydata()[before] == 0).all()
    assert (line.get_ydata()[~before] != 0).any()
    assert outside(figure) == []


def test_the_path_of_a_share_is_in_percentage_points(saved):
    """A share's path is shown times 100, as its axis says."""
    share = month_figure(saved.results, saved.manifest, "arcamanik", "on_time_share", "en")
    results = saved.results[saved.results["region"] == "arcamanik"]
    means = results.groupby(["scenario", "period"])["on_time_share"].mean()
    expected = 100 * (means["arcamanik"] - means["baseline"]).to_numpy()
    assert share.axes[0].lines[0].get_ydata() == pytest.approx(expected)
    assert share.axes[0].get_ylabel() == "percentage points"


def test_figures_leave_pyplot_alone(saved):
    """A figure shows itself in a notebook as PNG without pyplot's global state."""
    figure = effect_figure(saved.contrasts, saved.manifest, "arcamanik", METRIC, "en")
    assert figure.png().startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []
