"""A proposed mapping is one that imports, says how sure it is, and shows nothing that may be a person's."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from kinerja_sim.field.guess import guess_mapping
from kinerja_sim.field.intake import import_files
from kinerja_sim.field.tables import read_field
from kinerja_sim.know.errors import InputError
from kinerja_sim.model.rng import stream
from kinerja_sim.present.field import mapping_text
from kinerja_sim.study.eventlog import event_log
from tests.unit.field.logs import mapping, written


def clock(seconds):
    """Return a clock time without leading zero, as call centres write it."""
    seconds = int(seconds) % 86_400
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def calls(n=400, seed=3):
    """Return a call log of n rows in the manner of an old switch: clocks without dates, seconds, midnight wraps."""
    rng, lines = stream(seed, "calls"), ["line,call_id,customer,priority,type,date,vru_entry,vru_exit,q_start,q_exit,"
                                         "q_time,outcome,ser_start,ser_exit,ser_time,server"]  # fmt: skip
    for k in range(n):
        at = 86_395 if k % 50 == 7 else int(rng.integers(7 * 3600, 86_000))
        wait, work = int(rng.integers(0, 200)), int(rng.integers(1, 900))
        how = ["AGENT", "AGENT", "AGENT", "HANG", "PHANTOM"][k % 5]
        served = how == "AGENT"
        ends = [clock(at + 10 + wait), clock(at + 10 + wait + work), work] if served else ["0:00:00", "0:00:00", 0]
        queue = [clock(at + 10), clock(at + 10 + wait)] if wait else ["0:00:00", "0:00:00"]
        who = ["TOVA", "MICHAL", "YIFAT"][k % 3] if served else "NO_SERVER"
        day = 990201 + k // 30
        lines.append(",".join(map(str, [f"AA{k % 7}", k // 7, k * 31, k % 3, ["PS", "NW"][k % 2], day, clock(at),
                                        clock(at + 10), *queue, wait, how, *ends, who])))  # fmt: skip
    return "\n".join(lines) + "\n"


def proposed(tmp_path, content, name="log.csv", lang="en"):
    """Return the proposal for a file, and the data folder that it gives unedited."""
    path = written(tmp_path / name, content)
    guess = guess_mapping(path)
    import_files([path], mapping(mapping_text(guess, lang)), tmp_path / "mine", key_file=tmp_path / "key")
    return {p.target: p for p in guess.columns}, read_field(tmp_path / "mine"), guess


def test_a_call_log_is_understood(tmp_path):
    """Dates of six digits, seconds checked against clocks, outcomes, nobody, two columns for one number."""
    lines, data, _ = proposed(tmp_path, calls())
    cases, raw = data.tables["cases"], pd.read_csv(tmp_path / "log.csv")
    kept = raw[raw["outcome"] != "PHANTOM"]

    assert lines["started"].value == {"after": "arrived", "duration": "q_time", "unit": "seconds"}
    assert (lines["started"].sure, lines["started"].why) == ("sure", "unit_checked")
    assert lines["case_id"].value == {"column": ["line", "call_id"]}
    assert lines["unit"].why == "shared_officers"
    assert cases["case_id"].is_unique
    np.testing.assert_array_equal((cases["finished"] - cases["arrived"]).dt.total_seconds(),
                                  kept["q_time"] + kept["ser_time"])  # fmt: skip
    days = cases["arrived"].dt.strftime("%y%m%d").astype(int).to_numpy() - kept["date"].to_numpy()
    late = kept["vru_entry"].eq("23:59:55")  # left the voice unit after midnight, hence arrived the next day
    np.testing.assert_array_equal(days, late.astype(int))
    assert sorted(cases["service"].unique()) == ["nw", "ps"]


def test_an_indonesian_export_is_understood(tmp_path):
    """Title lines, semicolons, decimal commas, month names, points in clock times, minutes."""
    rows = [
        f"A{n:03d};Kartu Keluarga;{n % 28 + 1} Agustus 2026 08.{n % 60:02d};{n % 9},5;4,25;Selesai;Loket"
        for n in range(60)
    ]
    text = "Laporan Antrean\nDinas\n\n"
    text += "No Antrian;Layanan;Waktu Datang;Lama Tunggu (menit);Lama Layanan (menit);Status;Kanal\n"
    lines, data, guess = proposed(tmp_path, text + "\n".join(rows) + "\n", lang="id")
    cases = data.tables["cases"]

    assert guess.file == {"separator": ";", "header_row": 4, "decimal": ","}
    assert lines["arrived"].value["format"] == "%d %B %Y %H.%M"
    assert lines["started"].value["unit"] == "minutes"
    assert cases["source_row"].iloc[0] == 5
    assert cases["finished"].iloc[1] == pd.Timestamp("2026-08-02 08:01") + pd.Timedelta(minutes=1.5 + 4.25)


def test_offsets_tell_the_office_zone(tmp_path):
    """One offset of an Indonesian zone is taken; several keep their own clock; none is said to be unsure."""
    for stamps, zone, sure in ((["+08:00"] * 20, "WITA", "sure"), (["+01:00", "+02:00"] * 10, "as-written", "likely"),
                               ([""] * 20, "WIB", "unsure")):  # fmt: skip
        text = "ticket no,arrival time\n" + "".join(f"{n},2026-01-05 08:{n:02d}:00{z}\n" for n, z in enumerate(stamps))
        guess = guess_mapping(written(tmp_path / "log.csv", text))
        assert (guess.time_zone.value, guess.time_zone.sure) == (zone, sure)


def test_headers_that_repeat_are_named_by_position(tmp_path):
    """Two columns of one header are told apart by their positions, and the proposal imports."""
    text = "ticket no,Time,arrival,time\n" + "".join(f"{n},x,05/01/2026 08:{n:02d} PM,y\n" for n in range(20))
    lines, data, _ = proposed(tmp_path, text.replace("Time", "arrival", 1))

    assert lines["arrived"].value["column"] == "#3"
    assert data.tables["cases"]["arrived"].iloc[3] == pd.Timestamp("2026-01-05 20:03")


def test_a_day_that_could_be_a_month_is_told(tmp_path):
    """Where no day is above 12, the proposal says that the day was taken first; else it is sure."""
    early = "ticket no,arrival\n" + "".join(f"{n},0{n % 9 + 1}/02/2026 08:00\n" for n in range(20))
    late = early.replace("01/02/2026", "21/02/2026")
    whys = [{p.target: p.why for p in guess_mapping(written(tmp_path / "x.csv", t)).columns} for t in (early, late)]

    assert [why["arrived"] for why in whys] == ["day_first", "header"]


def test_elements_of_a_survey_are_taken_by_name_and_never_by_number(tmp_path):
    """Named elements are proposed; numbered ones are refused, since offices number them differently."""
    named = "Tanggal,Persyaratan,Prosedur,Waktu pelayanan,Biaya,Produk,Kompetensi,Perilaku,Sarana,Pengaduan\n"
    rows = "".join(f"2026-01-{n % 28 + 1:02d},3,4,3,4,3,2,3,4,3\n" for n in range(30))
    lines, data, guess = proposed(tmp_path, named + rows)

    assert guess.kind == "survey"
    assert data.tables["survey"].loc[0, "competence"] == 2.0
    assert data.tables["survey"][["requirements", "time", "facilities", "complaints"]].notna().all().all()
    assert lines["time"].value == "Waktu pelayanan"
    numbered = "Tanggal,U1,U2,U3\n" + "2026-01-05,3,4,3\n" * 30
    with pytest.raises(InputError, match="name the elements of the survey"):
        guess_mapping(written(tmp_path / "u.csv", numbered))


def test_a_questionnaire_in_words_is_understood(tmp_path):
    """Questions in full sentences and the regulation's own answers, lettered or not, become 1 to 4."""
    text = (
        "Cap waktu,Kesesuaian persyaratan pelayanan,Kemudahan prosedur,Kewajaran biaya/tarif,Perilaku petugas,Saran\n"
        + "05/01/2026 08:30:21,Sangat sesuai,b. Kurang mudah,Gratis,Sopan dan ramah,x\n" * 10
        + "21/01/2026 09:30:21,Tidak sesuai,d. Sangat mudah,Sangat mahal,Entahlah,y\n" * 10
    )
    _, data, guess = proposed(tmp_path, text)
    answers = data.tables["survey"][["requirements", "procedure", "cost", "behaviour"]].to_numpy()

    np.testing.assert_array_equal(answers[[0, -1]], [[4, 2, 4, 3], [1, 4, 1, np.nan]])
    assert guess.unlisted == {"behaviour": 1}
    assert data.tables["survey"]["answered_on"].iloc[0] == pd.Timestamp("2026-01-05 08:30:21")


def test_complaints_and_staff_are_told_apart(tmp_path):
    """A list with a first response is of complaints, one with roles is of staff."""
    complaint = "No Aduan,Diterima,Tanggapan pertama,Selesai,Status\n" + "".join(
        f"L{n},2026-01-05 08:00,2026-01-06 08:00,2026-01-09 08:00,Tuntas\n" for n in range(20))  # fmt: skip
    staff = "Nama Pegawai,Jabatan,Mulai\n" + "".join(f"Orang {n},Staf,2020-01-01\n" for n in range(20))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    _, data, guess = proposed(tmp_path / "a", complaint)
    assert guess.kind == "complaints"
    assert data.tables["complaints"]["outcome"].eq("resolved").all()
    _, data, guess = proposed(tmp_path / "b", staff)
    assert guess.kind == "staff"
    assert data.tables["staff"]["officer"].nunique() == 20


def test_our_own_event_log_comes_back(tmp_path):
    """What `kinerja eventlog` writes is proposed and imported as events, none lost."""
    table = event_log("arcamanik", "baseline", months=1).table.head(3000)
    _, data, guess = proposed(tmp_path, table.to_csv(index=False))
    events = data.tables["events"]

    assert guess.kind == "events"
    assert len(events) == len(table)
    assert events["case_id"].nunique() == table["case:concept:name"].nunique()
    assert set(events["lifecycle"]) <= set(table["lifecycle:transition"])
    assert events["time"].tolist() == pd.to_datetime(table["time:timestamp"]).dt.tz_localize(None).tolist()


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4\n", "nama,umur\nSari,30\n", "x\n" * 20])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    """A table without times of arrival, activities or answers gives no proposal."""
    with pytest.raises(InputError, match=r"must hold"):
        guess_mapping(written(tmp_path / "log.csv", text))


def workbook(rows, merged=()):
    """Return the bytes of a workbook of these rows, with cells merged."""
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(packed)
    return packed.getvalue()


def test_a_workbook_with_merged_cells_and_a_header_of_two_rows_is_understood(tmp_path):
    """A date merged over its day's rows stands in each of them; of two header rows the whole one counts."""
    rows = [
        ["Laporan Loket"], ["No", "Tanggal", "Waktu", None, None, "Petugas"],
        [None, None, "Datang", "Panggil", "Selesai", None],
    ]  # fmt: skip
    for n in range(40):
        date = pd.Timestamp(2026, 1, 5 + n // 20) if n % 20 == 0 else None
        rows.append([n + 1, date, f"08:{n % 20:02d}", f"09:{n % 20:02d}", f"09:{n % 20 + 5:02d}", "Sari"])
    content = workbook(rows, ["A1:F1", "C2:E2", "A2:A3", "B2:B3", "F2:F3", "B4:B23", "B24:B43"])
    _, data, guess = proposed(tmp_path, content, "log.xlsx")
    cases = data.tables["cases"]

    assert guess.file == {"header_row": 3}
    assert cases["arrived"].dt.strftime("%d %H:%M").iloc[[0, 19, 20, 39]].tolist() == [
        "05 08:00", "05 08:19", "06 08:00", "06 08:19",
    ]  # fmt: skip
    assert (cases["started"] - cases["arrived"]).eq(pd.Timedelta(hours=1)).all()


def test_clocks_with_points_zones_in_headers_and_nights_are_understood(tmp_path):
    """23.50 below a header of hours is a clock time in the zone that the header names, and 00.10 is the next day's."""
    head = "No. Registrasi;Tgl Masuk;Jam Datang (WITA);Jam Dilayani (WITA);Poli\n"
    rows = [f"R{n};{n % 28 + 1:02d}-01-2026;23.{n % 60:02d};00.{n % 60:02d};Poli Umum" for n in range(50)]
    lines, data, guess = proposed(tmp_path, head + "\n".join(rows) + "\n")

    assert (guess.time_zone.value, guess.time_zone.sure) == ("WITA", "sure")
    assert (data.tables["cases"]["started"] - data.tables["cases"]["arrived"]).eq(pd.Timedelta(hours=1)).all()
    assert lines["unit"].value == {"column": "Poli", "values": {"Poli Umum": "poli-umum"}}
    assert lines["unit"].why == "one_value"


def test_numbers_that_begin_anew_each_day_are_joined_with_the_day_and_never_with_a_name(tmp_path):
    """Ticket numbers of a queue machine repeat; a citizen's name beside them is not taken to tell cases apart."""
    head = "No Tiket;Nama Pemohon;Tanggal;Jam Ambil;Waktu Tunggu;Catatan Sari Wulandari\n"
    rows = [f"A{n % 10};Warga {n};{n // 10 + 1:02d}/02/2026;08:{n % 10:02d}:00;00:0{n % 9}:30;x" for n in range(200)]
    lines, data, guess = proposed(tmp_path, head + "\n".join(rows) + "\n")
    text = mapping_text(guess, "en")

    assert lines["case_id"].value == {"column": ["Tanggal", "No Tiket"]}
    assert data.tables["cases"]["case_id"].is_unique
    assert lines["started"].value == {"after": "arrived", "duration": "Waktu Tunggu", "unit": "clock"}
    assert "not imported: Nama Pemohon, #6." in text
    assert "Sari" not in text
    rows = [f"A{n % 10};Warga {n // 10};05/02/2026;08:{n % 10:02d}:00;00:0{n % 9}:30;x" for n in range(200)]
    guess = guess_mapping(written(tmp_path / "log.csv", head + "\n".join(rows) + "\n"))
    assert {p.target: p.why for p in guess.columns}["case_id"] == "repeated"


def test_a_time_that_no_header_explains_is_taken_for_the_arrival_and_called_unsure(tmp_path):
    """Two columns called Waktu: the first is proposed as arrival, the second is left to the user."""
    rows = [f"{n};2026-01-05;08:{n:02d};09:{n:02d}" for n in range(50)]
    lines, _, guess = proposed(tmp_path, "Kode Tiket;Tanggal;Waktu;Waktu\n" + "\n".join(rows) + "\n")

    assert (lines["arrived"].value["clock"], lines["arrived"].sure) == ("#3", "unsure")
    assert guess.unused == ("#4",)


def test_bytes_of_windows_are_read_as_such(tmp_path):
    """Letters beyond ASCII in one byte are those of Windows here, not of one of its many cousins."""
    rows = [f"{n};05/01/2026 08:{n:02d} WIB;Café Müller {n}" for n in range(50)]
    _, _, guess = proposed(tmp_path, ("No Tiket;Dibuat;Catatan\n" + "\n".join(rows) + "\n").encode("cp1252"))

    assert guess.file["encoding"] == "cp1252"
    assert guess.time_zone.value == "WIB"
