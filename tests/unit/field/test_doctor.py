"""Planted faults are found with their rows; the cleaned copy lacks only what is listed; nothing is corrected."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.field.checks import marks
from kinerja_sim.field.days import days_of
from kinerja_sim.field.doctor import examine, write_examined
from kinerja_sim.field.intake import import_files
from kinerja_sim.field.tables import COLUMNS, KINDS, TEXT, TIME, check_table, read_field
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.model.rng import stream
from kinerja_sim.present.field import check_label
from kinerja_sim.present.i18n import translator
from tests.unit.field.logs import QUEUE, QUEUE_MAP, imported, mapping, written

DAY = pd.Timestamp("2023-02-06")  # a Monday, before the years of the calendar
BLANK = {"case_id": "", "unit": "u", "officer": "", "outcome": "served", "priority": 0, "channel": "", "service": ""}


def visit(n, arrived, wait=5.0, work=10.0, **changes):
    """Return one case: minutes of waiting and service after its arrival."""
    start = arrived + pd.Timedelta(minutes=wait)
    times = {"arrived": arrived, "started": start, "finished": start + pd.Timedelta(minutes=work)}
    return BLANK | times | {"case_id": f"c{n}", "officer": f"o{n % 50}", "source_row": n + 2} | changes


def office(days=20, a_day=50):
    """Return the cases of a calm office: one every ten minutes and eleven seconds, another officer each time."""
    opened = pd.bdate_range(DAY, periods=days) + pd.Timedelta(hours=8)
    return [
        visit(d * a_day + k, day + pd.Timedelta(seconds=611 * k)) for d, day in enumerate(opened) for k in range(a_day)
    ]


def found(rows, kind="cases"):
    """Return what each check marks in a table made of rows: the source rows by check, those without any left out."""
    table = check_table(kind, pd.DataFrame(rows).assign(source_file=1))
    seen = {m.check: table.loc[m.rows.to_numpy(), "source_row"].tolist() for m in marks(kind, table, has_id=True)}
    return {check: numbers for check, numbers in seen.items() if numbers}


def test_a_calm_office_has_no_findings():
    """A log without faults is found without faults."""
    assert found(office()) == {}


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("far_from_the_rest", {"arrived": pd.Timestamp("2062-02-10 09:00")}),
        ("before_arrival", {"wait": -30.0}),
        ("clock_jitter", {"wait": -0.5}),
        ("negative_service", {"work": -3.0}),
        ("zero_service", {"work": 0.0}),
        ("impossible_wait", {"wait": 3000.0}),
        ("impossible_service", {"work": 3000.0}),
        ("no_officer", {"officer": ""}),
        ("service_not_seen", {"started": pd.NaT}),
        ("abandoned_with_service", {"outcome": "abandoned"}),
        ("not_finished", {"outcome": "open", "started": pd.NaT, "finished": pd.NaT}),
        ("repeated_case_id", {"case_id": "c7"}),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found_in_its_row(check, changes):
    """One fault in a calm office is found, in that row, under its name."""
    rows = office()
    moment = changes.pop("arrived", rows[500]["arrived"])
    rows[500] = visit(500, moment, **changes)
    other = [9] if check == "repeated_case_id" else []

    assert found(rows)[check] == [*other, 502]


def test_an_officer_in_two_places_is_found_even_around_a_short_service():
    """A service inside a longer one of the same officer, and the one after it, both overlap."""
    rows = office()
    for n, (wait, work) in enumerate([(5.0, 60.0), (5.0, 1.0), (5.0, 10.0)]):
        rows[300 + n] = visit(300 + n, rows[300 + n]["arrived"], wait, work, officer="x")

    assert found(rows)["officer_in_two_places"] == [303, 304]


def test_a_copied_row_is_a_copy_only_where_cases_have_numbers():
    """With case numbers a row that agrees in everything is left out; without, it may be another visit."""
    rows = office()
    rows.append(rows[10] | {"source_row": 5000})
    table = check_table("cases", pd.DataFrame(rows).assign(source_file=1))
    named = {m.check: m for m in marks("cases", table, has_id=True)}
    unnamed = {m.check: m for m in marks("cases", table, has_id=False)}

    assert named["duplicate_row"].leaves_out
    assert table.loc[named["duplicate_row"].rows, "source_row"].tolist() == [5000]
    assert not unnamed["same_values"].leaves_out
    assert "duplicate_row" not in unnamed


def test_a_clock_set_back_is_seen_only_in_a_file_in_order():
    """An hour's jump back is found where rows are in order; a file in another order has no clock steps."""
    rows = office()
    for row in rows[520:]:
        for name in ("arrived", "started", "finished"):
            row[name] -= pd.Timedelta(hours=1)
    assert found(rows)["clock_step"] == [522]
    assert "clock_step" not in found(rows[::2] + rows[1::2][::-1])


def test_whole_minutes_explain_services_of_no_length():
    """Where ends are recorded in whole minutes, a service of no length is short, not wrong, and stays."""
    rows = [visit(n, DAY + pd.Timedelta(minutes=10 * n), work=float(n % 3)) for n in range(99)]
    table = check_table("cases", pd.DataFrame(rows).assign(source_file=1))
    mark = next(m for m in marks("cases", table, has_id=True) if m.check == "zero_service")

    assert mark.rows.sum() == 33
    assert mark.empties == ()


def event(n, case, minutes, **changes):
    """Return one event so many minutes after the first day's opening."""
    base = {"case_id": case, "activity": "check", "time": DAY + pd.Timedelta(minutes=minutes), "officer": "o",
            "lifecycle": "complete", "channel": "", "unit": "u", "source_row": n}  # fmt: skip
    return base | changes


def test_faults_of_event_logs():
    """Backward steps in a case, lone events, missing officers, ends never seen, officers at two desks."""
    rows = [event(n, f"c{n // 2}", 100 * n) for n in range(1, 200)]
    rows += [
        event(301, "back", 500), event(302, "back", 400), event(303, "alone", 600),
        event(304, "noone", 700, officer=""), event(305, "noone", 701),
        event(306, "s1", 800, lifecycle="start", officer="x"), event(307, "s2", 805, lifecycle="start", officer="x"),
        event(308, "s1", 820, officer="x"), event(309, "s2", 830, officer="x"),
        event(310, "s3", 900, lifecycle="start", officer="y"), event(311, "s3", 901, activity="send"),
    ]  # fmt: skip
    seen = found(rows, "events")

    assert seen["backwards_in_case"] == [302]
    assert 303 in seen["one_event_case"]
    assert seen["no_officer"] == [304]
    assert seen["start_without_end"] == [310]
    assert seen["officer_in_two_places"] == [307]
    assert seen["may_be_unfinished"] == [199]


def test_faults_of_surveys_complaints_and_staff_lists():
    """Partial and identical answers; answers before receipt; spells that end first or overlap."""
    answers = {"unit": "u", "officer": "", "answered_on": DAY, "channel": ""}
    survey = [answers | dict.fromkeys(ELEMENTS, 3.0) | {"source_row": 2},
              answers | dict.fromkeys(ELEMENTS, 3.0) | {"cost": float("nan"), "source_row": 3},
              answers | dict.fromkeys(ELEMENTS, 3.0) | {"cost": 2.0, "source_row": 4}]  # fmt: skip
    assert found(survey, "survey") == {"partial_answers": [3], "all_answers_alike": [2]}
    hour = pd.Timedelta(hours=1)
    base = {"case_id": "a", "unit": "u", "arrived": DAY, "first_response": DAY + hour, "closed": DAY + 2 * hour,
            "outcome": "resolved", "source_row": 2}  # fmt: skip
    seen = found(
        [base, base | {"case_id": "b", "first_response": DAY - hour, "closed": pd.NaT, "source_row": 3}], "complaints"
    )
    assert seen == {"first_response_before_arrival": [3], "not_finished": [3]}
    spell = {"officer": "o", "unit": "u", "role": "", "from": DAY, "until": DAY + 2400 * hour,
             "full_time_share": 1.0, "source_row": 2}  # fmt: skip
    later = spell | {"from": DAY + 50 * 24 * hour, "until": pd.NaT, "source_row": 3}
    wrong = spell | {"officer": "p", "until": DAY - 24 * hour, "source_row": 4}
    assert found([spell, later, wrong], "staff") == {"until_before_from": [4], "overlapping_spells": [3]}


def opened(first, last, a_day=60):
    """Return arrivals from eight to four on every weekday of a span, one in 480 / a_day minutes."""
    days = pd.bdate_range(first, last)
    return pd.Series([d + pd.Timedelta(hours=8, minutes=480 / a_day * k) for d in days for k in range(a_day)])


def without(times, first, last):
    """Return arrivals without those from a moment up to another one."""
    return times[(times < pd.Timestamp(first)) | (times >= pd.Timestamp(last))]


def dates(days):
    """Return days as text."""
    return [f"{day:%m-%d}" for day in days]


def test_days_without_rows_are_told_apart_by_what_speaks_for_each():
    """Holiday, weekend, an outage that began the day before, and a lone empty day, of which the log cannot tell."""
    times = opened("2026-08-03", "2026-08-28")
    times = without(times, "2026-08-17", "2026-08-18")  # Independence Day, a Monday
    times = without(times, "2026-08-06", "2026-08-07")
    times = without(times, "2026-08-20 10:00", "2026-08-22")  # breaks off on Thursday, back on Monday
    times = pd.concat([times, pd.Series([pd.Timestamp("2026-08-08 09:00")])])
    days = days_of(times)

    assert dates(days.holidays) == ["08-17"]
    assert dates(days.missing) == ["08-06"]
    assert dates(days.outages) == ["08-21"]
    assert dates(days.unusual) == ["08-08", "08-25"]  # a Saturday, and the Prophet's birthday
    assert len(days.closed) == 5  # three weekends, one Saturday worked
    assert days.gaps.to_numpy().tolist() == [[pd.Timestamp("2026-08-20 10:00"), pd.Timestamp("2026-08-21"), False]]


def test_an_outage_of_hours_is_found_and_a_lunch_break_is_none():
    """Three hours without rows on one day of a calm office are a gap; an hour that is empty every day is not."""
    times = opened("2026-08-03", "2026-08-14")
    times = times[times.dt.hour != 12]
    days = days_of(without(times, "2026-08-11 09:00", "2026-08-11 12:00"))

    assert days.gaps.to_numpy().tolist() == [[pd.Timestamp("2026-08-11 09:00"), pd.Timestamp("2026-08-11 13:00"), True]]
    assert not len(days_of(times).gaps)


def test_a_quiet_day_has_no_gaps():
    """A day with a tenth of the usual rows is quiet, not an outage: nothing more was to be expected of it."""
    times = opened("2026-08-03", "2026-08-14")
    quiet = times[(times.dt.day != 11) | (times.dt.minute == 0)]

    assert not len(days_of(quiet).gaps)


def test_holidays_of_a_year_that_the_calendar_does_not_know_stay_open():
    """The same lone empty day is said to be of a year whose holidays are not known."""
    days = days_of(without(opened("2023-02-06", "2023-03-03"), "2023-02-15", "2023-02-16"))

    assert (dates(days.uncovered), dates(days.missing)) == (["02-15"], [])


FAULTY = (
    QUEUE
    + "T1,KTP,2026-01-05 08:00:00,2026-01-05 08:05:00,2026-01-05 08:15:00,Selesai,Sari,Loket\n"  # 6: copy of 2
    + "T5,KTP,2026-01-05 09:00:01,2026-01-05 09:10:00,2026-01-05 09:05:00,Selesai,Sari,Loket\n"  # 7: ends first
    + "T6,KTP,2026-01-05 09:20:00,2026-01-05 08:10:00,2026-01-05 09:35:00,Selesai,Sari,Loket\n"  # 8: before
    + "T7,KTP,besok,,,Selesai,Sari,Loket\n"  # 9: not imported
    + "".join(f"N{n},KTP,2026-01-05 1{n}:00:03,2026-01-05 1{n}:05:00,2026-01-05 1{n}:09:0{n},Selesai,Adi,Loket\n"
              for n in range(5))
)  # fmt: skip


def test_the_cleaned_copy_lacks_exactly_what_is_listed(tmp_path):
    """Imported minus listed is the cleaned copy, cell by cell; the import stays as it was; reading prefers the copy."""
    imported(tmp_path, FAULTY, QUEUE_MAP)
    folder = tmp_path / "mine"
    before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    write_examined(examine(folder))
    after = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.is_file()}
    listed = pd.read_csv(folder / "doctor" / "left_out.csv")

    assert before == after
    assert listed.to_numpy().tolist() == [
        ["cases", 1, 6, "row", "duplicate_row", "doctor"], ["cases", 1, 7, "started", "negative_service", "doctor"],
        ["cases", 1, 7, "finished", "negative_service", "doctor"], ["cases", 1, 8, "row", "before_arrival", "doctor"],
        ["cases", 1, 9, "row", "unreadable_arrived", "import"],
    ]  # fmt: skip
    raw, clean = read_field(folder, cleaned=False), read_field(folder)
    assert (raw.cleaned, clean.cleaned) == (False, True)
    expected = raw.tables["cases"].set_index("source_row").drop([6, 8])
    expected.loc[7, ["started", "finished"]] = pd.NaT
    pd.testing.assert_frame_equal(clean.tables["cases"].set_index("source_row"), expected)


def test_findings_count_rows_with_shares_and_examples(tmp_path):
    """A finding has its count, its share of the rows that could show it, and row numbers as examples."""
    imported(tmp_path, FAULTY, QUEUE_MAP)
    findings = examine(tmp_path / "mine").findings.set_index("check")

    assert findings.loc["duplicate_row", ["count", "share", "examples"]].tolist() == [1, pytest.approx(1 / 12), "6"]
    assert findings.loc["before_arrival", "share"] == pytest.approx(1 / 11)  # one of 12 has neither start nor end
    assert findings.loc["negative_service", "action"] == "emptied"
    assert list(findings.columns) == ["table", "severity", "count", "unit", "share", "action", "examples"]


def test_copies_of_older_tables_are_not_read(tmp_path):
    """After another import the doctor's copies are out of date, and reading says so."""
    imported(tmp_path, QUEUE, QUEUE_MAP)
    write_examined(examine(tmp_path / "mine"))
    staff = written(tmp_path / "staff.csv", "nama\nSari\n")
    described = "kind: staff\ncolumns: {unit: ktp, officer: nama}\n"
    import_files([staff], mapping(described), tmp_path / "mine", key_file=tmp_path / "key")

    with pytest.raises(InputError, match="kinerja doctor"):
        read_field(tmp_path / "mine")
    write_examined(examine(tmp_path / "mine"))
    assert set(read_field(tmp_path / "mine").tables) == {"cases", "staff"}


def test_officers_who_are_on_no_staff_list_are_found(tmp_path):
    """A log and a staff list in one folder are held against each other."""
    imported(tmp_path, FAULTY, QUEUE_MAP)
    staff = written(tmp_path / "staff.csv", "nama\nSari\n")
    described = "kind: staff\ncolumns: {unit: ktp, officer: nama}\n"
    import_files([staff], mapping(described), tmp_path / "mine", key_file=tmp_path / "key")
    findings = examine(tmp_path / "mine").findings.set_index("check")

    assert findings.loc["officer_not_on_staff_list", "count"] == 5


@pytest.mark.parametrize("kind", KINDS)
def test_every_check_has_a_name_in_both_languages(kind):
    """No check is shown as its code, or under another's name, in either language; empty tables have no findings."""
    row = {c: {TEXT: "a", TIME: DAY}.get(dtype, 1) for c, dtype in COLUMNS[kind].items()}
    row |= {c: v for c, v in {"outcome": "unknown", "lifecycle": "start"}.items() if c in row}
    table = check_table(kind, pd.DataFrame([row]))
    codes = {m.check for has_id in (True, False) for m in marks(kind, table, has_id=has_id)}
    for lang in ("id", "en"):
        t = translator(lang)
        labels = {check_label(code, t) for code in codes}
        assert len(labels) == len(codes)
        assert check_label("unreadable", t) not in labels


def test_a_log_that_comes_in_bursts_has_gaps_only_where_far_more_is_missing():
    """Three batches of thirty a day: an hour without one is usual, though thirty rows were to be expected."""
    rng = stream(3, "batches")
    days = pd.bdate_range("2026-08-03", "2026-08-21")
    batches = [d + pd.Timedelta(hours=float(h)) for d in days for h in rng.uniform(8, 16, 3)]

    assert not len(days_of(pd.Series(np.repeat(pd.DatetimeIndex(batches), 30))).gaps)
