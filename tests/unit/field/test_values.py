"""Cells are read as they are written in Indonesia and elsewhere, or are said to be unreadable; none is guessed."""

import numpy as np
import pandas as pd
import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from kinerja_sim.field.values import read_categories, read_clocks, read_durations, read_ids, read_numbers, read_times


def times(*texts, form="iso", zone="WIB", written_in=None):
    """Return the moments of cells as text, 'NaT' where there is none, and which are unreadable."""
    found, unread = read_times(texts, [form] if isinstance(form, str) else form, ["0:00:00"], zone, written_in)
    return [str(t)[:19] for t in found], unread.tolist()


@given(st.dates(pd.Timestamp("1990-01-01").date(), pd.Timestamp("2090-01-01").date()))
def test_dates_are_read_as_indonesian_writes_them(day):
    """Every day is read from its long, short and weekday form in Indonesian and English."""
    for lang in ("id", "en_GB"):
        for pattern, form in (
            ("d MMMM y", "%d %B %Y"),
            ("dd-MMM-y", "%d-%b-%Y"),
            ("dd-MM-y", "%d-%m-%Y"),
            ("EEEE, d MMMM y", "%A, %d %B %Y"),
        ):
            assert times(format_date(day, pattern, lang), form=form) == ([f"{day} 00:00:00".replace(" ", "T")], [False])


@pytest.mark.parametrize(
    ("text", "form", "moment"),
    [
        ("17 Agt 2026 08.30", "%d %b %Y %H.%M", "2026-08-17T08:30:00"),
        ("Jum'at, 6 Nopember 2026", "%A, %d %B %Y", "2026-11-06T00:00:00"),
        ("990201", "%y%m%d", "1999-02-01T00:00:00"),
        ("05/01/2026 8:05", "%d/%m/%Y %H:%M", "2026-01-05T08:05:00"),
        ("2026-01-05 08:00:00.276000", "iso", "2026-01-05T08:00:00"),
        ("2026-01-05T08:00:00 WITA", "iso", "2026-01-05T07:00:00"),
        ("2026-01-05T01:00:00Z", "iso", "2026-01-05T08:00:00"),
        ("05/01/2026 10:00 +0900", "%d/%m/%Y %H:%M", "2026-01-05T08:00:00"),
    ],
)
def test_times_are_read_on_the_office_clock(text, form, moment):
    """Formats, month names, abbreviations of zones and offsets lead to one wall clock."""
    assert times(text, form=form) == ([moment], [False])


def test_other_clocks_are_moved_and_written_ones_kept():
    """A log written in UTC is moved to the office's zone; as-written keeps every cell's own clock."""
    assert times("2026-01-05 20:00", zone="WIT", written_in="UTC")[0] == ["2026-01-06T05:00:00"]
    assert times("2026-07-05 20:00+02:00", "2026-01-05 20:00+01:00", zone="as-written")[0] == [
        "2026-07-05T20:00:00", "2026-01-05T20:00:00"]  # fmt: skip


def test_an_hour_that_summer_time_skips_or_repeats_is_unreadable():
    """A moment that a clock never showed, or showed twice, is not guessed."""
    assert times("2026-03-29 02:30", "2026-10-25 02:30", zone="UTC", written_in="Europe/Amsterdam")[1] == [True, True]


def test_what_is_no_time_is_unreadable_and_what_is_empty_is_not():
    """Rubbish, years that no office saw and wrong formats are unreadable; empty words are just empty."""
    assert times("besok", "0001-01-01", "2150-01-01", "31/31/2026", "", "-", "0:00:00", "N/A")[1] == [
        True, True, True, True, False, False, False, False]  # fmt: skip
    assert times("2026-01-05", "05/01/2026", form=["iso", "%d/%m/%Y"])[1] == [False, False]


@pytest.mark.parametrize("text", ["24:01", "7:60", "7", "7:5", "13:00 PM", "-1:00", "7:05:61"])
def test_clocks_that_no_clock_shows_are_unreadable(text):
    """A clock time outside the day is not read."""
    assert np.isnan(read_clocks([text], [])[0][0])
    assert read_clocks([text], [])[1][0]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [("1.234,5", ",", 1234.5), ("1,234.5", ".", 1234.5), ("3,5", ",", 3.5), ("12", ",", 12), ("-0.5", ".", -0.5),
     ("1e3", ".", 1000)],
)  # fmt: skip
def test_numbers_follow_the_decimal_mark(text, decimal, number):
    """Thousands and decimals are told apart by the mapping's decimal mark."""
    assert read_numbers([text], [], decimal)[0][0] == number


@pytest.mark.parametrize("text", ["3,5", "1.2.3", "inf", "0x10", "1_000", "٣", "9" * 40])
def test_numbers_of_another_kind_are_unreadable(text):
    """A number that the mapping does not describe is not read as another one."""
    found, unread = read_numbers([text], [], ".")
    assert np.isnan(found[0])
    assert unread[0]


def test_durations_have_units():
    """Seconds, minutes, hours and clock times become seconds."""
    for text, unit, seconds in (
        ("90", "seconds", 90),
        ("1.5", "minutes", 90),
        ("2", "hours", 7200),
        ("1:30:00", "clock", 5400),
    ):
        assert read_durations([text], [], unit, ".")[0][0] == seconds


def test_categories_let_only_listed_values_pass():
    """A listed text passes whatever its capitals and blanks; any other becomes the stand-in, and is told."""
    found, unlisted = read_categories([" LOKET", "Budi", ""], {"Loket": "desk"}, "other")
    assert found.tolist() == ["desk", "other", ""]
    assert unlisted.tolist() == [False, True, False]


def test_ids_of_two_columns_need_both():
    """Two columns together tell cases apart; where both are empty there is no number."""
    found = read_ids([["A", "A", ""], ["1", "2", " "]], [], lambda text: text.replace("\x1f", "|"))
    assert found.tolist() == ["A|1", "A|2", ""]
