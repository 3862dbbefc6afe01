"""Working days of each month, and what the calendar refuses."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from dateutil.easter import easter

from kinerja_sim.know.calendar import COLUMNS, load_calendar, read_calendar
from kinerja_sim.know.errors import InputError

HEADER = ",".join(COLUMNS)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder, so that paths are printed as a user gives them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def year_of(year):
    """Return the twelve months of a year."""
    return load_calendar().months(year, 1, 12)


@pytest.mark.parametrize(("year", "days"), [(2025, 238), (2026, 240)])
def test_published_years_have_their_published_number_of_working_days(year, days):
    """261 weekdays less 13 holidays and 10 (2025) or 8 (2026) days of collective leave."""
    spans = [s for s in load_calendar().spans if s.first.year == year and s.kind != "ramadan"]
    weekdays = [s.kind for s in spans if s.first.weekday() < 5]

    assert sum(m.n_days for m in year_of(year)) == days
    assert (weekdays.count("national"), weekdays.count("collective")) == (13, 261 - 13 - days)
    assert sum(s.kind == "national" for s in spans) == 17


@pytest.mark.parametrize("year", range(2027, 2037))
def test_later_years_are_near_the_published_ones(year):
    """Computed years have 235 to 246 working days, 18 to 28 of them in a Ramadan."""
    months = year_of(year)

    assert 235 <= sum(m.n_days for m in months) <= 246
    assert 18 <= sum((m.length_factor < 1).sum() for m in months) <= 28


def test_ramadan_days_are_shorter_in_the_ratio_of_the_decree():
    """In Ramadan a week has 32.5 hours instead of 37.5 (Perpres 21/2023 art 4)."""
    march = load_calendar().months(2025, 3, 1)[0]  # Ramadan 1-30 March 2025; 28 March is collective leave, 31 Idulfitri

    assert march.n_days == 19
    np.testing.assert_array_equal(march.length_factor, np.full(19, 32.5 / 37.5))
    assert set(load_calendar().months(2025, 5, 1)[0].length_factor) == {1.0}


def test_a_month_lists_its_weekdays_in_order():
    """August 2026 starts on a Saturday and loses Monday the 17th and Tuesday the 25th."""
    august = load_calendar().months(2026, 8, 1)[0]

    assert august.weekday.tolist() == [*range(5), *range(5), 1, 2, 3, 4, 0, 2, 3, 4, 0]
    assert (august.year, august.month, august.weekday.dtype) == (2026, 8, np.int64)


def test_months_run_on_over_the_turn_of_the_year():
    """Months follow each other, however they are asked for."""
    months = load_calendar().months(2025, 11, 4)

    assert [(m.year, m.month) for m in months] == [(2025, 11), (2025, 12), (2026, 1), (2026, 2)]
    assert load_calendar().months(2036, 12, 1)[0].n_days > 15
    assert load_calendar().months(2036, 12, 0) == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ((2036, 6, 24), "`months` must lie between 2025-01 and 2036-12, the years of the calendar; "
                        "got 24 month(s) from 2036-06. Simulate fewer months, or extend data/calendar.csv."),
        ((2024, 12, 1), "`months` must lie between 2025-01 and 2036-12, the years of the calendar; "
                        "got 1 month(s) from 2024-12. Simulate fewer months, or extend data/calendar.csv."),
        ((2026, 13, 1), "`first_month` must be between 1 and 12; got 13."),
        ((2026, 1, -1), "`n_months` must be at least 0; got -1."),
    ],
)  # fmt: skip
def test_months_outside_the_calendar_are_refused(asked, message):
    """A span beyond the calendar is a user's mistake, and the limit is named."""
    with pytest.raises(InputError) as caught:
        load_calendar().months(*asked)

    assert str(caught.value) == message


def test_good_friday_and_ascension_follow_easter():
    """The dates that hang on Easter agree with an independent computation in every year."""
    dates = {(s.name.en, s.first) for s in load_calendar().spans}
    for year in range(2025, 2037):
        sunday = easter(year)

        assert ("Easter Sunday", sunday) in dates
        assert ("Good Friday", date.fromordinal(sunday.toordinal() - 2)) in dates
        assert ("Ascension Day", date.fromordinal(sunday.toordinal() + 39)) in dates


def test_lunar_dates_are_a_lunar_year_apart():
    """Idulfitri moves by 354 or 355 days, and follows the last day of Ramadan."""
    spans = load_calendar().spans
    eids = [s.first for s in spans if s.name.en == "Eid al-Fitr" and s.kind == "national"]
    firsts = [d for d in eids if date.fromordinal(d.toordinal() - 1) not in eids]

    assert {(b - a).days for a, b in pairwise(firsts)} <= {354, 355}
    assert [s.last.toordinal() + 1 for s in spans if s.kind == "ramadan"] == [d.toordinal() for d in firsts]


def test_dates_that_nobody_has_published_are_estimates():
    """Only fixed and decreed dates are graded published; what hangs on the moon or the government is an estimate."""
    for span in load_calendar().spans:
        moving = span.source.startswith(("computed: tabular", "computed: new moon", "computed: first", "assumed"))

        assert (span.grade == "estimate") == moving, span


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-13-01,2026-01-01,national,A,A,src,published", "`first` must be a date like 2026-08-17; got '2026-13-01' "
                                                             "in mine.csv line 2."),
        ("2026-01-02,2026-01-01,national,A,A,src,published", "`last` must be within 31 days from first (2026-01-02); "
                                                             "got 2026-01-01 in mine.csv line 2."),
        ("2026-01-01,2026-01-01,local,A,A,src,published", "`kind` must be one of national, collective, ramadan; "
                                                          "got 'local' in mine.csv line 2."),
        ("2026-01-01,2026-01-01,national,A,A,src,guess", "`grade` must be one of measured, published, derived, "
                                                         "estimate; got 'guess' in mine.csv line 2."),
        ("2026-01-01,2026-01-01,national,A,,src,estimate", "`name_en` must be given; got nothing in mine.csv line 2."),
    ],
)  # fmt: skip
def test_a_broken_row_gets_one_clear_line(here, row, message):
    """Each way to break a row gives exactly its line."""
    (here / "mine.csv").write_text(f"{HEADER}\n{row}\n")

    with pytest.raises(InputError) as caught:
        read_calendar("mine.csv")

    assert str(caught.value) == message


def test_a_calendar_without_rows_is_refused(here):
    """A header alone is no calendar."""
    (here / "mine.csv").write_text(f"{HEADER}\n")

    with pytest.raises(InputError, match=r"`mine\.csv` must hold at least one row; got none"):
        read_calendar("mine.csv")
