"""The house style as readers with another eye, and a printer without colour, see it."""

import re
import sys
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.charts import GRADE_COLOURS
from kinerja_sim.present.small_multiples import regions_figure
from kinerja_sim.present.style import COLOURS, LINES, MARKERS, line_of, look, new_figure, style_of, theme

# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0: what a dichromat sees, in linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
SEEN_APART = 10.0  # CIELAB difference; 2.3 is just noticeable side by side


def linear(colour):
    """Return a colour's linear RGB."""
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """Return CIELAB (D65) of linear RGB."""
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES)
def test_colours_are_told_apart_by_every_eye(eye):
    """Any two colours stay far apart for readers with each kind of colour blindness."""
    seen = [lab(np.array(EYES[eye]) @ linear(c)) for c in COLOURS]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > SEEN_APART


def test_the_guard_sees_a_palette_that_protanopes_cannot_read():
    """Vermilion beside olive brown, the palette of before, would fail the claim above."""
    seen = [lab(np.array(EYES["protanopia"]) @ linear(c)) for c in ("#D55E00", "#8C6D00")]
    assert np.linalg.norm(seen[0] - seen[1]) < SEEN_APART


def test_grades_of_evidence_are_told_apart_in_grey_print():
    """Any two grades differ in lightness alone, and estimates, of which there are most, stand out from the page."""
    seen = [lab(linear(c))[0] for c in GRADE_COLOURS.values()]
    assert min(abs(a - b) for a, b in combinations(seen, 2)) > SEEN_APART
    assert 1.05 / (float(linear(GRADE_COLOURS["estimate"]) @ [0.2126, 0.7152, 0.0722]) + 0.05) >= 3


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_stand_out_from_the_page(colour):
    """Each colour reaches the 3 : 1 contrast with white that graphics need (WCAG 1.4.11)."""
    assert 1.05 / (float(linear(colour) @ [0.2126, 0.7152, 0.0722]) + 0.05) >= 3


def test_series_differ_without_colour():
    """Forty-two series differ in colour or marker, and neighbours in both; markers and lines repeat nothing."""
    looks = [look(i) for i in range(len(COLOURS) * len(MARKERS))]
    assert len(set(looks)) == len(looks)
    assert len(set(MARKERS)) == len(MARKERS)
    assert len({str(line) for line in LINES}) == len(LINES)


def test_a_policy_keeps_its_line_whatever_runs_beside_it(saved):
    """Line styles follow the same fixed order as colours and markers."""
    fewer = saved.manifest | {"scenarios": {"arcamanik": ["baseline", "one_more_officer", "arcamanik"]}}
    assert line_of(fewer, "arcamanik", "one_more_officer") == line_of(saved.manifest, "arcamanik", "one_more_officer")


def test_the_style_leaves_other_peoples_settings_alone(saved):
    """Drawing in the house style changes no setting of matplotlib outside the figure."""
    before = dict(mpl.rcParams)
    regions_figure(saved.contrasts, saved.manifest, "on_time_share", "en").png()
    assert dict(mpl.rcParams) == before


def test_a_figure_tells_screen_readers_what_it_shows(saved):
    """Effects are told with their ranges; any other figure by the words that stand in it."""
    _, told = regions_figure(saved.contrasts, saved.manifest, "on_time_share", "id")._repr_mimebundle_()
    assert re.search(r"Kebijakan wilayah: [+−]\d+(,\d+)? \([+−\d,]+ sampai [+−\d,]+\), ", told["image/png"]["alt"])
    plain = new_figure(100, 50)
    plain.subplots().set_xlabel("hari kerja")
    assert plain.described() == "hari kerja."


def test_a_figure_shows_itself_as_png():
    """A figure is shown as PNG bytes with the house style's font."""
    assert new_figure(100, 50).png().startswith(b"\x89PNG")
    assert theme()["font.sans-serif"] == ["DejaVu Sans"]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_small_multiples_show_the_numbers_of_every_region(saved, lang):
    """Each region has a panel; its points are the table's mean differences and every interval is drawn."""
    figure = regions_figure(saved.contrasts, saved.manifest, "on_time_share", lang)
    assert len(figure.axes) == len(saved.manifest["regions"])
    contrasts = saved.contrasts
    for ax, (region, entry) in zip(figure.axes, saved.manifest["regions"].items(), strict=True):
        unit = next(h["unit"] for h in entry["hypotheses"] if h["primary"])
        at = (contrasts["region"] == region) & (contrasts["unit"] == unit) & (contrasts["window"] == "after")
        rows = contrasts[at & (contrasts["metric"] == "on_time_share")].set_index("scenario")
        wanted = [100 * rows.loc[s, "delta_mean"] for s in (region, "speed_only", "one_more_officer")]
        points = np.concatenate([c.get_offsets() for c in ax.collections if len(c.get_offsets()) == 3])
        assert points[:, 0] == pytest.approx(wanted)
        ends = [segment[:, 0] for c in ax.collections if hasattr(c, "get_segments") for segment in c.get_segments()]
        assert len(ends) == 2 * len(wanted)
        own = rows.loc[region]
        assert any(e == pytest.approx([100 * own["low"], 100 * own["high"]]) for e in ends)
        assert any(e == pytest.approx([100 * own["ci_low"], 100 * own["ci_high"]]) for e in ends)


def test_a_policy_looks_the_same_in_small_multiples(saved):
    """Colours of the panels are those of every other figure."""
    figure = regions_figure(saved.contrasts, saved.manifest, "on_time_share", "en")
    (dots,) = [c for c in figure.axes[0].collections if len(c.get_offsets()) == 3]
    wanted = [to_rgb(style_of(saved.manifest, "tangerang-selatan", s)[0]) for s in ("tangerang-selatan", "speed_only")]
    assert dots.get_facecolors()[:2, :3] == pytest.approx(np.array(wanted))


def test_small_multiples_of_nothing_are_refused(saved):
    """A metric that no region observed is a user's mistake."""
    with pytest.raises(InputError, match="must have been observed in a region"):
        regions_figure(saved.contrasts.assign(delta_mean=np.nan), saved.manifest, "on_time_share", "en")


def test_a_comparison_of_other_policies_has_its_small_multiples_too(saved):
    """Where neither a region's own policy nor the usual comparators were run, those that were are drawn."""
    few = {region: ["baseline", "no_supply_outage"] for region in saved.manifest["regions"]}
    some = saved.contrasts[saved.contrasts["scenario"] == "no_supply_outage"]
    figure = regions_figure(some, saved.manifest | {"scenarios": few}, "on_time_share", "en")
    assert len(figure.axes) == some["region"].nunique() > 0


def test_small_multiples_leave_pyplot_alone(saved):
    """Seaborn draws on our own figure: pyplot holds none."""
    regions_figure(saved.contrasts, saved.manifest, "on_time_share", "en")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []
