"""When a policy shows and when it pays: months contrasted one by one, and the words for it."""

import pytest

from kinerja_sim.present.paths import (
    holds_from,
    monthly_contrasts,
    path_figure,
    path_sentences,
    payback,
    payback_figure,
    payback_sentences,
)
from kinerja_sim.study.economics import net_benefits
from tests.fakes import make_manifest, make_results

REGION, UNIT = "arcamanik", "sukamiskin"


@pytest.fixture(scope="module")
def here():
    """Return the fake results of one region."""
    results = make_results(replications=20)
    return results[results["region"] == REGION]


@pytest.fixture(scope="module")
def monthly(here):
    """Return the contrasts of every month."""
    return monthly_contrasts(here, "baseline", UNIT, "wait_minutes_mean")


@pytest.mark.parametrize(
    ("codes", "first"), [([True, True], 0), ([False, True], 1), ([True, False], None), ([], None), ([False], None)]
)
def test_an_effect_holds_from_a_month_only_if_all_later_months_agree(codes, first):
    """One later month that does not agree takes back what was said before it."""
    assert holds_from(codes) == first


def test_a_month_is_the_difference_of_its_own_rows(here, monthly):
    """The mean effect of month 3 equals that computed by hand from the results."""
    rows = here[(here["unit"] == UNIT) & (here["period"] == 3)].set_index("scenario")
    by_hand = (
        rows.loc["one_more_officer", "wait_minutes_mean"].mean() - rows.loc["baseline", "wait_minutes_mean"].mean()
    )
    row = monthly[(monthly["scenario"] == "one_more_officer") & (monthly["period"] == 3)].iloc[0]
    assert row["delta_mean"] == pytest.approx(by_hand)
    assert set(monthly["period"]) == set(range(6))


def test_words_name_every_policy_and_follow_the_months(monthly):
    """One more officer shows from a month on; the fake null policy is not listed; both languages differ."""
    said = path_sentences(monthly, make_manifest(), REGION, "en")
    assert len(said) == 3
    assert any(text.startswith("One more officer: at least likely better in every month from month") for text in said)
    assert path_sentences(monthly, make_manifest(), REGION, "id") != said


def test_a_policy_that_changes_nothing_is_unchanged_in_every_month(monthly):
    """All months exactly equal are called that, and no month is named."""
    still = monthly.assign(scenario=monthly["scenario"].replace({"null": "speed_only", "speed_only": "x"}))
    said = path_sentences(still, make_manifest(), REGION, "en")
    assert "Speed only (beyond the regulation): unchanged in all 6 months" in said


def test_net_benefit_counts_from_the_start(here):
    """The last month's row is the net benefit of the whole span, and every month has one row a policy."""
    table = payback(here, "baseline")
    whole = net_benefits(here, None, "baseline").set_index("scenario")["net_benefit_idr_mean"]
    last = table[table["month"] == table["month"].max()].set_index("scenario")["net_benefit_idr_mean"]
    assert last.to_dict() == pytest.approx(whole.to_dict())
    assert table.groupby("scenario")["month"].count().unique().tolist() == [6]


def test_a_policy_that_never_pays_has_no_month(here):
    """A cost that no hour repays is told with its verdict and without a month."""
    said = payback_sentences(payback(here.assign(wait_minutes_sum=0.0), "baseline"), make_manifest(), REGION, "en")
    assert all("paid back" not in text for text in said)
    assert any("not worth its cost after 6 months" in text for text in said)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_figures_have_a_panel_for_every_policy(here, monthly, lang):
    """Each policy has its own panel with its title, in both figures."""
    for figure in (
        path_figure(monthly, make_manifest(), REGION, lang),
        payback_figure(payback(here, "baseline"), make_manifest(), REGION, lang),
    ):
        titles = [ax.get_title(loc="left") for ax in figure.axes if ax.axison]
        assert len(titles) == 3
        assert all(titles)
        assert figure.get_suptitle()
