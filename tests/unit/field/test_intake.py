"""What an office has becomes tables; every row is accounted for."""

import hashlib
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from kinerja_sim.field import intake
from kinerja_sim.field.guess import guess_mapping
from kinerja_sim.field.intake import import_files
from kinerja_sim.field.tables import check_table, read_field
from kinerja_sim.know.errors import InputError
from kinerja_sim.present.field import mapping_text
from tests.unit.field.logs import (
    NO_REAL,
    QUEUE,
    QUEUE_MAP,
    REAL,
    STAFF,
    STAFF_MAP,
    XES,
    XES_MAP,
    imported,
    mapping,
    written,
)

CALLS = "call_centre_1999-02-01_14.csv"
PERMITS = "permit_receipts.csv"
CLOCKS = """date,in,begin,wait,end,who,status
260105,23:50:00,23:55:00,300,0:05:00,a,ok
260105,8:00:00,0:00:00,60,0:00:00,b,ok
"""
CLOCKS_MAP = """kind: cases
columns:
  unit: u
  arrived: {date: date, clock: in, format: "%y%m%d"}
  started: {date: date, clock: begin, format: "%y%m%d", empty: "0:00:00"}
  finished: {date: date, clock: end, format: "%y%m%d"}
"""


def test_a_queue_log_becomes_cases(tmp_path):
    """Times, outcomes, officers and categories arrive; ids are hashes; rows are numbered as in a spreadsheet."""
    cases = imported(tmp_path, QUEUE, QUEUE_MAP).tables["cases"]

    assert cases["source_row"].tolist() == [2, 3, 4, 5]
    assert cases["unit"].tolist() == ["ktp", "kk", "ktp", "ktp"]
    assert cases["outcome"].tolist() == ["served", "served", "abandoned", "open"]
    assert cases["arrived"].iloc[0] == pd.Timestamp("2026-01-05 08:00")
    assert cases["started"].isna().tolist() == [False, False, True, True]
    assert cases["officer"].nunique() == 2  # Sari, and nobody
    assert cases["case_id"].str.fullmatch("[0-9a-f]{16}").all()
    assert cases["service"].eq("").all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_make_no_difference(tmp_path, encoding, separator):
    """The same log in any usual encoding and separator is the same table."""
    plain = imported(tmp_path, QUEUE, QUEUE_MAP).tables["cases"]
    again = tmp_path / "again"
    again.mkdir()
    (again / "key").write_bytes((tmp_path / "key").read_bytes())
    (again / "key").chmod(0o600)
    text = QUEUE.replace(",", separator).replace("Sari", "Sári")
    other = imported(again, text.encode(encoding), QUEUE_MAP).tables["cases"]

    columns = [c for c in plain if c != "officer"]
    pd.testing.assert_frame_equal(plain[columns], other[columns])


def test_gzip_and_excel_are_read_alike(tmp_path):
    """A gzipped CSV and an Excel sheet with real dates give the table of the plain CSV."""
    book = openpyxl.Workbook()
    for line in QUEUE.strip().split("\n"):
        cells = [c if not c.startswith("2026") else pd.Timestamp(c).to_pydatetime() for c in line.split(",")]
        book.active.append([c or None for c in cells])
    stream = io.BytesIO()
    book.save(stream)
    plain = imported(tmp_path, QUEUE, QUEUE_MAP).tables["cases"]
    key = tmp_path / "key"
    for name, content in (("log.xlsx", stream.getvalue()), ("log.csv.gz", QUEUE)):
        folder = tmp_path / f"mine-{name}"
        import_files([written(tmp_path / name, content)], mapping(QUEUE_MAP), folder, key_file=key)
        pd.testing.assert_frame_equal(plain, read_field(folder).tables["cases"])


def test_midnight_wraps_to_the_next_day(tmp_path):
    """A clock time half a day before the last one is the next day's; the mapping's own word for nothing is empty."""
    cases = imported(tmp_path, CLOCKS, CLOCKS_MAP).tables["cases"]

    assert cases["finished"].iloc[0] == pd.Timestamp("2026-01-06 00:05")
    assert pd.isna(cases["started"].iloc[1])


def test_durations_and_leaving(tmp_path):
    """A start can be so long after the arrival; who left has an end and no start."""
    text = "at;wait;work;how\n05/01/2026 08.00;1,5;2;ok\n05/01/2026 08.10;3;0;gone\n"
    described = """kind: cases
file: {decimal: ","}
columns:
  unit: u
  arrived: {column: at, format: "%d/%m/%Y %H.%M"}
  started: {after: arrived, duration: wait, unit: minutes}
  finished: {after: started, duration: work, unit: minutes}
  left: {after: arrived, duration: wait, unit: minutes}
  outcome: {column: how, values: {ok: served, gone: abandoned}}
"""
    cases = imported(tmp_path, text, described).tables["cases"]

    assert cases["started"].iloc[0] == pd.Timestamp("2026-01-05 08:01:30")
    assert cases["finished"].tolist() == [pd.Timestamp("2026-01-05 08:03:30"), pd.Timestamp("2026-01-05 08:13")]
    assert pd.isna(cases["started"].iloc[1])


def test_every_row_and_cell_that_does_not_come_through_is_listed(tmp_path):
    """Rows kept and rows left out add up to rows read; the list names row, column and reason."""
    text = (
        QUEUE
        + "T5,KTP,kemarin,,,Selesai,Sari,Loket\n"  # 6: no readable arrival
        + "\n"  # 7: empty
        + "T6,KTP\n"  # 8: too few cells
        + "T7,KTP,2026-01-05 09:00:00,entah,2026-01-05 09:20:00,Selesai,Sari,Fax\n"  # 9: cells
        + "T8,KTP,,,,Selesai,Sari,Loket\n"  # 10: no arrival
        + "T9,KTP,2026-01-05 09:05:00,,,Uji,Sari,Loket\n"  # 11: ignored
    )
    described = QUEUE_MAP.replace("Menunggu: open", "Menunggu: open, Uji: ignore")
    data = imported(tmp_path, text, described)
    listed = pd.read_csv(tmp_path / "mine" / "left_out.csv", keep_default_na=False)
    record = data.manifest["imports"]["cases"]

    assert listed[["source_row", "what", "reason"]].to_numpy().tolist() == [
        [6, "row", "unreadable_arrived"], [7, "row", "empty_row"], [8, "row", "wrong_number_of_cells"],
        [9, "channel", "unlisted"], [9, "started", "unreadable"], [10, "row", "no_arrived"],
        [11, "row", "ignored_outcome"],
    ]  # fmt: skip
    assert record["rows_read"] == record["rows_kept"] + (listed["what"] == "row").sum() == 10
    assert data.tables["cases"]["channel"].iloc[-1] == "other"


def test_xes_is_read_as_events_on_the_office_clock(tmp_path):
    """Offsets are moved to the office's zone, trace attributes reach every event, events are numbered."""
    for name in ("log.xes", "log.xes.gz"):
        folder = tmp_path / name[-2:]
        folder.mkdir()
        events = imported(folder, XES, XES_MAP, name).tables["events"]

        assert events["time"].dt.strftime("%d %H:%M").tolist() == ["05 08:00", "05 09:00", "06 08:00"]
        assert events["case_id"].nunique() == 2
        assert events["source_row"].tolist() == [1, 2, 3]
        assert (events["officer"] != "").tolist() == [True, False, False]
        assert events["lifecycle"].eq("complete").all()


def test_survey_answers_by_name_partial_and_in_words(tmp_path):
    """Elements are keyed by name; words stand for 1 to 4; what is outside stays empty and is listed."""
    text = "Tanggal,Persyaratan,Waktu,Saran\n5 Januari 2026,3,Sangat Baik,x\n6 Mei 2026,,Baik,y\n7 Mei 2026,9,,z\n,,,\n"
    described = """kind: survey
columns:
  unit: ktp
  answered_on: {column: Tanggal, format: "%d %B %Y"}
  requirements: Persyaratan
  time: Waktu
answers: {Sangat Baik: 4, Baik: 3}
"""
    answers = imported(tmp_path, text, described).tables["survey"]

    np.testing.assert_array_equal(answers["requirements"], [3, np.nan])
    np.testing.assert_array_equal(answers["time"], [4, 3])
    assert answers["cost"].isna().all()
    assert answers["answered_on"].iloc[1] == pd.Timestamp("2026-05-06")
    listed = pd.read_csv(tmp_path / "mine" / "left_out.csv")
    assert listed["reason"].tolist() == ["out_of_bounds", "no_answer", "empty_row"]


def test_several_imports_share_a_folder_and_its_key(tmp_path):
    """A second kind is added with the same hashes; another key, or a second file of one kind, is refused."""
    cases = imported(tmp_path, QUEUE, QUEUE_MAP).tables["cases"]
    both = imported(tmp_path, STAFF, STAFF_MAP, "staff.csv")

    assert set(both.tables) == {"cases", "staff"}
    assert both.tables["staff"]["officer"].iloc[0] == cases["officer"].iloc[0]
    with pytest.raises(InputError, match="the one that the folder was made with"):
        import_files([tmp_path / "log.csv"], mapping(QUEUE_MAP), tmp_path / "mine", key_file=tmp_path / "another")
    with pytest.raises(InputError, match="no table `cases` of other files"):
        imported(tmp_path, QUEUE + "\n", QUEUE_MAP)


def test_the_same_file_and_key_give_the_same_bytes(tmp_path):
    """Two imports differ in no byte of any file."""
    imported(tmp_path, QUEUE, QUEUE_MAP)
    import_files([tmp_path / "log.csv"], mapping(QUEUE_MAP), tmp_path / "two", key_file=tmp_path / "key")

    names = {p.name for p in (tmp_path / "mine").iterdir()}
    assert names == {"cases.parquet", "left_out.parquet", "left_out.csv", "manifest.json", ".gitignore"}
    assert all((tmp_path / "mine" / n).read_bytes() == (tmp_path / "two" / n).read_bytes() for n in names)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("arrived: datang", "arrived: petugas"), "rows` must be readable for the most part"),
        (("started: panggil", "started: kanal"), "started` must be readable for the most part"),
        (("arrived: datang\n  started: panggil", "arrived: panggil\n  started: datang"), "are.*swapped|swapped"),
        (("arrived: datang", "arrived: datanng"), "Did you mean column '#3'"),
        (("arrived: datang", "arrived: '#99'"), "be one of the file's columns"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused_and_nothing_is_written(tmp_path, change, message):
    """Swapped or unknown columns end in one line; no folder and no key appear."""
    log = "\n".join(QUEUE.splitlines()[:3])
    with pytest.raises(InputError, match=message):
        imported(tmp_path, log + "\n", QUEUE_MAP.replace(*change))
    assert [p.name for p in tmp_path.iterdir()] == ["log.csv"]


def test_a_table_outside_its_schema_is_refused():
    """An outcome that is none and an answer of five do not pass the schema."""
    case = {
        "case_id": "x", "unit": "u", "arrived": pd.Timestamp("2026-01-05"), "started": pd.NaT, "finished": pd.NaT,
        "outcome": "gone", "officer": "", "priority": 0, "channel": "", "service": "",
        "source_file": 1, "source_row": 2,
    }  # fmt: skip
    with pytest.raises(InputError, match="outcome"):
        check_table("cases", pd.DataFrame([case]))
    with pytest.raises(InputError, match="priority"):
        check_table("cases", pd.DataFrame([case | {"outcome": "served", "priority": 100}]))


@pytest.mark.skipif(not (REAL / CALLS).exists(), reason=NO_REAL)
def test_the_call_centre_log_imports_as_guessed(tmp_path):
    """The guessed mapping, unedited, gives the log's waits, services and outcomes, over midnight too."""
    text = mapping_text(guess_mapping(REAL / CALLS), "en")
    before = hashlib.sha256((REAL / CALLS).read_bytes()).hexdigest()
    data = imported(tmp_path, REAL / CALLS, text)
    cases = data.tables["cases"].set_index("source_row")
    raw = pd.read_csv(REAL / CALLS)
    raw.index += 2
    kept = raw[raw["outcome"] != "PHANTOM"]
    served = kept[kept["outcome"] == "AGENT"]

    assert data.manifest["imports"]["cases"]["reasons"] == {"row": {"ignored_outcome": 143}}
    assert cases.index.equals(kept.index)
    assert cases["outcome"].value_counts().to_dict() == {"served": 14405, "abandoned": 2908}
    wait = (cases["started"].fillna(cases["finished"]) - cases["arrived"]).dt.total_seconds()
    np.testing.assert_array_equal(wait, kept["q_time"])
    service = (cases["finished"] - cases["started"]).dt.total_seconds()
    np.testing.assert_array_equal(service[served.index], served["ser_time"])
    clock = cases["arrived"].dt.strftime("%y%m%d %H:%M:%S")
    assert clock.tolist() == [f"{d} {t.rjust(8, '0')}" for d, t in zip(kept["date"], kept["vru_exit"], strict=True)]
    assert (cases["officer"] == "").equals(kept["server"] == "NO_SERVER")
    assert cases.loc[cases["officer"] != "", "officer"].nunique() == kept["server"].nunique() - 1
    assert cases["case_id"].is_unique
    assert hashlib.sha256((REAL / CALLS).read_bytes()).hexdigest() == before


@pytest.mark.skipif(not (REAL / PERMITS).exists(), reason=NO_REAL)
def test_the_permit_log_imports_as_it_is(tmp_path):
    """The guessed mapping, unedited, keeps every event, case, officer and wall clock."""
    data = imported(tmp_path, REAL / PERMITS, mapping_text(guess_mapping(REAL / PERMITS), "id"))
    events, raw = data.tables["events"], pd.read_csv(REAL / PERMITS)

    assert len(events) == 8577
    assert events["case_id"].nunique() == 1434
    assert events["officer"].nunique() == 48
    assert events["time"].dt.strftime("%Y-%m-%d %H:%M:%S").tolist() == raw["time:timestamp"].str[:19].tolist()
    assert (events["activity"] == "other").sum() == 3  # two activities of fewer than five rows are not proposed
    assert events.loc[events["activity"] != "other", "activity"].nunique() == 25


HEAD = "No;Layanan;Datang;Panggil;Selesai;Petugas\n"
SEMICOLON_MAP = """kind: cases
columns:
  case_id: No
  unit: {column: Layanan, values: {KTP: ktp}}
  arrived: Datang
  started: Panggil
  finished: Selesai
  officer: Petugas
"""
JANUARY = HEAD + "1;KTP;2026-01-30 08:00;2026-01-30 08:05;2026-01-30 08:15;Sari\n2;KTP;2026-01-30 15:50;;;\n"
FEBRUARY = (
    "Petugas;No;Layanan;Datang;Panggil;Selesai\n"
    "Adi;2;KTP;2026-01-30 15:50;2026-01-30 16:00;2026-01-30 16:10\n"
    "Sari;3;KTP;2026-02-02 08:00;2026-02-02 08:05;2026-02-02 08:15\n"
)


def months(tmp_path, *names, folder="mine", described=SEMICOLON_MAP):
    """Import files of these names into one folder."""
    files = [tmp_path / name for name in names]
    import_files(files, mapping(described), tmp_path / folder, key_file=tmp_path / "key")
    return read_field(tmp_path / folder)


def test_monthly_files_become_one_table_and_a_case_counts_once_as_the_later_file_has_it(tmp_path):
    """A visit still open in January's file is replaced by February's row, which is listed; columns may move."""
    written(tmp_path / "jan.csv", JANUARY)
    written(tmp_path / "feb.csv", FEBRUARY)
    data = months(tmp_path, "jan.csv", "feb.csv")
    cases, record = data.tables["cases"], data.manifest["imports"]["cases"]

    assert cases[["source_file", "source_row"]].to_numpy().tolist() == [[1, 2], [2, 2], [2, 3]]
    assert cases["finished"].notna().all()
    assert cases["officer"].nunique() == 2
    listed = pd.read_csv(tmp_path / "mine" / "left_out.csv")
    assert listed.to_numpy().tolist() == [["cases", 1, 3, "row", "again_in_a_later_file"]]
    assert (record["rows_read"], record["rows_kept"]) == (4, 3)
    assert [file["rows_read"] for file in record["files"]] == [2, 2]


def test_rows_without_numbers_are_dropped_only_where_seconds_tell_them_apart(tmp_path):
    """Files that overlap share rows to the second; in whole minutes two visits may look alike, and both stay."""
    described = SEMICOLON_MAP.replace("  case_id: No\n", "")
    for name, second in (("fine", ":17"), ("coarse", "")):
        rows = [f"{n};KTP;2026-01-30 {h:02d}:00{second};;;\n" for n, h in enumerate((8, 8, 9, 10))]
        written(tmp_path / f"{name}1.csv", HEAD + "".join(rows[:3]))
        written(tmp_path / f"{name}2.csv", HEAD + "".join(r.replace("2;", "9;", 1) for r in rows[2:]))
        cases = months(tmp_path, f"{name}1.csv", f"{name}2.csv", folder=name, described=described).tables["cases"]

        assert len(cases) == (4 if second else 5)
        assert cases["case_id"].is_unique


def test_a_further_file_is_imported_together_with_the_earlier_ones(tmp_path):
    """Alone it is refused, and the folder stays; all together they make the folder's table anew."""
    written(tmp_path / "jan.csv", JANUARY)
    written(tmp_path / "feb.csv", FEBRUARY)
    months(tmp_path, "jan.csv")
    before = (tmp_path / "mine" / "cases.parquet").read_bytes()
    with pytest.raises(InputError, match="Name all files in one command"):
        months(tmp_path, "feb.csv")
    with pytest.raises(InputError, match="differ from each other"):
        months(tmp_path, "jan.csv", "jan.csv")
    assert (tmp_path / "mine" / "cases.parquet").read_bytes() == before
    assert len(months(tmp_path, "jan.csv", "feb.csv").tables["cases"]) == 3


def test_a_bad_file_among_good_ones_leaves_nothing(tmp_path):
    """One broken file of several, and neither folder nor key is written."""
    written(tmp_path / "jan.csv", JANUARY)
    written(tmp_path / "feb.csv", b"")
    with pytest.raises(InputError, match=r"feb\.csv"):
        months(tmp_path, "jan.csv", "feb.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["feb.csv", "jan.csv"]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    """What is imported is what the manifest's sha256 names, or nothing."""
    log = written(tmp_path / "jan.csv", JANUARY)
    whole = intake.read_file

    def growing(*arguments, **named):
        done = whole(*arguments, **named)
        log.write_text(JANUARY + "3;KTP;2026-01-31 08:00;;;\n")
        return done

    monkeypatch.setattr(intake, "read_file", growing)
    with pytest.raises(InputError, match="stay as it is"):
        months(tmp_path, "jan.csv")
    assert not (tmp_path / "mine").exists()


def test_a_survey_on_another_scale_is_refused(tmp_path):
    """Fives in a fifth of the answers are no slips: the scale is another one, and leaving them out would mislead."""
    described = "kind: survey\ncolumns:\n  unit: ktp\n  cost: Biaya\n"
    fives = "Biaya\n" + "".join(f"{n % 5 + 1}\n" for n in range(50))
    with pytest.raises(InputError, match="be answered from 1 to 4; got 10 of 50 outside, first in row 6"):
        imported(tmp_path, fives, described)
    slip = "Biaya\n" + "".join(f"{n % 4 + 1}\n" for n in range(50)) + "33\n"
    data = imported(tmp_path, slip, described)
    assert data.manifest["imports"]["survey"]["reasons"]["row"] == {"no_answer": 1}
