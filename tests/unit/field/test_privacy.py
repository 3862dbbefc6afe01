"""Nobody's name, number or address gets through: planted everywhere, found nowhere."""

import hashlib
import os

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from kinerja_sim import cli
from kinerja_sim.field.intake import import_files
from kinerja_sim.field.privacy import Key, load_key, looks_personal
from kinerja_sim.field.tables import read_field
from kinerja_sim.know.errors import InputError
from tests.unit.field.logs import QUEUE, QUEUE_MAP, imported, mapping, written

PEOPLE = ["Budi Santoso", "Sari Wulandari", "198701012010011001", "3273010101870001", "0812-3456-7890",
          "budi@kantor.go.id", "=cmd|'/C calc'!A0", "@SUM(1+1)*cmd"]  # fmt: skip
MARKS = [
    "budi",
    "santoso",
    "sari",
    "wulandari",
    "19870101",
    "32730101",
    "0812-3456",  # longer than what a keyed hash may hold by chance
    "3456-7890",
    "kantor.go",
    "=cmd",
    "@sum",
    "calc",
]
N = 400


def cell(n, column, plain):
    """Return a cell: what belongs there in most rows, and every fortieth time a person instead."""
    return PEOPLE[(n // 40 + column) % len(PEOPLE)] if n % 40 == column else plain


def time(n, minutes):
    """Return a moment of row n."""
    return (pd.Timestamp("2026-01-05 08:00") + pd.Timedelta(minutes=3 * n + minutes)).strftime("%Y-%m-%d %H:%M:%S")


HEADER = ["No Tiket", "Layanan", "Datang", "Panggil", "Selesai", "Status", "Petugas Budi Santoso", "Kanal", "Prioritas",
          "Catatan 3273010101870001", "budi@kantor.go.id"]  # fmt: skip
ROWS = [
    [f"T{n}" if n % 5 else PEOPLE[n % len(PEOPLE)], cell(n, 1, "KTP"), cell(n, 2, time(n, 0)),
     cell(n, 3, time(n, 5)), cell(n, 4, time(n, 9)), cell(n, 5, "Selesai"), PEOPLE[n % 3], cell(n, 7, "Loket"),
     cell(n, 8, "1"), PEOPLE[n % len(PEOPLE)], PEOPLE[n % len(PEOPLE)]]
    for n in range(N)
]  # fmt: skip
MAP = """kind: cases
columns:
  case_id: No Tiket
  unit: {column: Layanan, values: {KTP: ktp}}
  arrived: Datang
  started: Panggil
  finished: Selesai
  outcome: {column: Status, values: {Selesai: served}}
  officer: Petugas Budi Santoso
  priority: Prioritas
  channel: {column: Kanal, values: {Loket: desk, Budi Santoso: kiosk}}
"""
OTHERS = {
    "events": (
        ["case:concept:name", "concept:name", "time:timestamp", "org:resource", "lifecycle:transition", "case:channel"],
        [[f"c{n // 4}", cell(n, 1, "Check"), cell(n, 2, time(n, 0)), PEOPLE[n % 3], cell(n, 4, "complete"),
          cell(n, 5, "Desk")] for n in range(N)],
        """kind: events
columns:
  case_id: case:concept:name
  unit: permits
  activity: {column: concept:name, values: {Check: Check}}
  time: time:timestamp
  officer: org:resource
  lifecycle: {column: lifecycle:transition, values: {complete: complete}}
  channel: {column: case:channel, values: {Desk: desk}}
""",
    ),
    "survey": (
        ["Tanggal", "Petugas", "Persyaratan", "Prosedur", "Biaya", "Saran Budi Santoso"],
        [[cell(n, 1, "2026-01-05"), PEOPLE[n % 3], cell(n, 3, "3"), cell(n, 4, "4"), cell(n, 5, "2"),
          PEOPLE[n % len(PEOPLE)]] for n in range(N)],
        """kind: survey
columns:
  unit: ktp
  answered_on: Tanggal
  officer: Petugas
  requirements: Persyaratan
  procedure: Prosedur
  cost: Biaya
""",
    ),
    "complaints": (
        ["No Aduan", "Diterima", "Tanggapan pertama", "Ditutup", "Status", "Pelapor", "Isi pengaduan"],
        [[PEOPLE[n % len(PEOPLE)] + str(n), cell(n, 1, time(n, 0)), cell(n, 2, time(n, 5)), cell(n, 3, time(n, 9)),
          cell(n, 4, "Selesai"), PEOPLE[n % 3], PEOPLE[n % len(PEOPLE)]] for n in range(N)],
        """kind: complaints
columns:
  case_id: No Aduan
  unit: ktp
  arrived: Diterima
  first_response: Tanggapan pertama
  closed: Ditutup
  outcome: {column: Status, values: {Selesai: resolved}}
""",
    ),
    "staff": (
        ["Nama pegawai", "Jabatan", "Mulai", "Sampai", "Porsi"],
        [[PEOPLE[n % len(PEOPLE)] + str(n), cell(n, 1, "Staf"), cell(n, 2, "2020-01-01"), cell(n, 3, "2027-01-01"),
          cell(n, 4, "1")] for n in range(N)],
        """kind: staff
columns:
  unit: ktp
  officer: Nama pegawai
  role: {column: Jabatan, values: {Staf: staff}}
  from: Mulai
  until: Sampai
  full_time_share: Porsi
""",
    ),
}  # fmt: skip


def csv_of(header, rows):
    """Return CSV text, every cell quoted."""
    return "".join(",".join(f'"{c}"' for c in row) + "\n" for row in [header, *rows])


def everything(folder):
    """Return all that a folder's files say, tables and their metadata unpacked, in small letters."""
    told = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        told.append(str(path.relative_to(folder)))
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            told += [table.to_pandas().to_csv(), str(table.schema.metadata), str(pq.read_metadata(path))]
        else:
            told.append(path.read_text(encoding="utf-8"))
    return "\n".join(told).casefold()


def run(*arguments):
    """Run the command line; return its exit code and all that it printed."""
    done = CliRunner().invoke(cli.app, [str(a) for a in arguments])
    return done.exit_code, (done.stdout + done.stderr).casefold()


def found_in(text):
    """Return which marks of people a text holds."""
    return [mark for mark in MARKS if mark in text]


@pytest.mark.parametrize("kind", ["cases", *OTHERS])
def test_people_planted_in_every_field_and_header_are_nowhere(kind, tmp_path):
    """Names, NIP, NIK, telephone, e-mail and formulas in cells and headers reach no file and no line printed."""
    header, rows, described = (HEADER, ROWS, MAP) if kind == "cases" else OTHERS[kind]
    log, map_file = written(tmp_path / "log.csv", csv_of(header, rows)), written(tmp_path / "m.yaml", described)
    assert len(found_in(log.read_text().casefold())) == len(MARKS)
    folder = tmp_path / "mine"
    told = []
    for extra in ([], ["--json"], ["--lang", "id"]):
        code, text = run("import", log, "--map", map_file, "-o", folder, "--key", tmp_path / "key", *extra)
        assert code == 0, text
        told.append(text)
        told += [run("doctor", folder, *extra)[1]]
        told += [run("import", log, "--guess", *extra)[1]]
    code, text = run("import", log, "--guess", "-o", tmp_path / "proposed.yaml")
    assert code == 0, text
    told += [text, (tmp_path / "proposed.yaml").read_text().casefold()]

    assert len(read_field(folder, cleaned=False).tables[kind]) > N / 2
    assert found_in("\n".join(told)) == []
    assert found_in(everything(folder)) == []


def test_complaints_about_a_file_show_no_cell_and_no_header(tmp_path):
    """Where columns are swapped, misnamed or unreadable, the one line names positions and rows, never contents."""
    log = written(tmp_path / "log.csv", csv_of(HEADER, ROWS))
    changes = [
        ("arrived: Datang", "arrived: '#10'"),
        ("arrived: Datang", "arrived: Panggill"),
        ("started: Panggil", "started: '#7'"),
        ("officer: Petugas Budi Santoso", "officer: Petugas"),
    ]
    for change in changes:
        wrong = written(tmp_path / "m.yaml", MAP.replace(*change))
        code, text = run("import", log, "--map", wrong, "-o", tmp_path / "mine", "--key", tmp_path / "key")
        assert code == 2
        assert found_in(text) == []


def test_names_in_the_column_of_channels_are_not_proposed(tmp_path):
    """With officers and channels swapped, no name is proposed as a channel, however often it occurs."""
    rows = [[r[0], *r[1:6], "Loket", PEOPLE[n % 2], *r[8:]] for n, r in enumerate(ROWS)]
    log = written(tmp_path / "log.csv", csv_of([h if n != 6 else "Petugas" for n, h in enumerate(HEADER)], rows))

    assert found_in(run("import", log, "--guess")[1]) == []


def test_a_hash_needs_the_key(tmp_path):
    """The same name has other hashes under another key, and none of them is a hash that anybody could compute."""
    one = imported(tmp_path, QUEUE, QUEUE_MAP).tables["cases"]["officer"].iloc[0]
    import_files([tmp_path / "log.csv"], mapping(QUEUE_MAP), tmp_path / "two", key_file=tmp_path / "key2")
    two = read_field(tmp_path / "two").tables["cases"]["officer"].iloc[0]

    assert one != two
    assert one not in {hashlib.new(how, b"Sari").hexdigest()[:16] for how in ("sha256", "sha1", "md5", "blake2b")}


def test_the_key_stays_outside_and_is_the_owners_alone(tmp_path):
    """The key is made with rights 0600, is in no file of the folder, and is neither shown nor printed."""
    data = imported(tmp_path, QUEUE, QUEUE_MAP)
    secret = (tmp_path / "key").read_text().strip()

    assert secret not in everything(tmp_path / "mine")
    assert data.manifest["key_id"] not in secret
    assert secret not in repr(load_key(tmp_path / "key", tmp_path / "mine"))
    if os.name == "posix":
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
        (tmp_path / "key").chmod(0o644)
        with pytest.raises(InputError, match="readable by you alone"):
            load_key(tmp_path / "key", tmp_path / "mine")


def test_a_key_in_the_data_folder_or_that_is_none_is_refused(tmp_path):
    """A key may not lie in the folder that it protects, and other text is no key."""
    with pytest.raises(InputError, match="outside the data folder"):
        load_key(tmp_path / "mine" / "sub" / "key", tmp_path / "mine")
    written(tmp_path / "note", "my key").chmod(0o600)
    with pytest.raises(InputError, match="hexadecimal"):
        load_key(tmp_path / "note", tmp_path / "mine")


def test_officers_and_cases_have_hashes_of_their_own(tmp_path):
    """A number that is both an officer's and a case's cannot be seen to be one."""
    key = Key(tmp_path / "k", b"x" * 32, True)

    assert key.hash("officer", "12") != key.hash("case", "12")


@pytest.mark.parametrize("text", ["198701012010011001", "3273 0101 0187 0001", "0812-3456-7890", "+62 812", "a@b"])
def test_what_looks_personal(text):
    """NIP, NIK, telephone numbers and addresses are recognised, with blanks and hyphens, too."""
    assert looks_personal(f"x {text} y")


def test_the_folder_keeps_itself_out_of_git(tmp_path):
    """A data folder holds a .gitignore that ignores all of it."""
    imported(tmp_path, QUEUE, QUEUE_MAP)

    assert "\n*\n" in (tmp_path / "mine" / ".gitignore").read_text()


def test_a_name_in_the_name_of_a_file_stays_outside(tmp_path):
    """Two files called after people: neither tables, manifests, findings nor what is printed on success repeat it."""
    head, *rows = QUEUE.splitlines(keepends=True)
    logs = [written(tmp_path / f"{PEOPLE[n]}.csv", head + row) for n, row in enumerate(rows[:2])]
    map_file = written(tmp_path / "m.yaml", QUEUE_MAP)
    told = [
        run("import", *logs, "--map", map_file, "-o", tmp_path / "mine", "--key", tmp_path / "key", *extra)
        for extra in ([], ["--json"])
    ]
    told += [run("doctor", tmp_path / "mine"), run("doctor", tmp_path / "mine", "--json")]

    assert [code for code, _ in told] == [0, 0, 0, 0]
    assert found_in("".join(text for _, text in told) + everything(tmp_path / "mine")) == []
