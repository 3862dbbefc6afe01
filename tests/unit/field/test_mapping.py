"""A mapping file is checked as a whole: every breach with its line, its rule and a remedy."""

import re
from pathlib import Path

import pytest

from kinerja_sim.field.mapping import MAPPINGS, describe, find_column, load_mapping, targets
from kinerja_sim.field.tables import COLUMNS, KINDS
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import data_file
from tests.unit.field.logs import QUEUE_MAP, mapping, written


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("kind: cases", "kind: case"), "kind` must be one of .* line 1. Did you mean `cases`"),
        (("  arrived: datang\n", ""), "columns.arrived` must be given.*Add `arrived`"),
        (("  officer:", "  oficer:"), "columns.oficer.* line 9. Did you mean `officer`"),
        (("served", "serves"), "outcome.values.Selesai` must be one of .* line 8. Did you mean `served`"),
        (("KTP: ktp", "KTP: K T P"), "must start with a small letter"),
        (("arrived: datang", "arrived: {column: datang, format: dd/mm}"), "must be iso or hold codes"),
        (("arrived: datang", "arrived: {column: datang, date: x}"), "another combination.* line 5"),
        (("arrived: datang", "arrived: {after: started}"), "another combination"),
        (("columns:", "time_zone: WIBB\ncolumns:"), "must be WIB, WITA, WIT"),
        (("columns:", "written_in: as-written\ncolumns:"), "be left out where times stay as written.* line 2"),
        (("columns:", "file: {encoding: utf-9}\ncolumns:"), "an encoding that Python knows"),
        ((", values: {Loket: desk, Online: online}", ""), "List the values that may pass"),
        (("columns:", "notes: x\ncolumns:"), "notes"),
    ],
)
def test_a_breach_names_line_and_remedy(tmp_path, change, message):
    """Every rule that a mapping can break is told in one line, with the line of the file."""
    with pytest.raises(InputError, match=message):
        load_mapping(written(tmp_path / "m.yaml", QUEUE_MAP.replace(*change)))


def test_an_activity_may_not_be_a_formula():
    """A name that a spreadsheet would compute cannot become the name of an activity."""
    for name in ("=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx"):
        activity = f"{{column: b, values: {{x: {name!r}}}}}"
        text = f"kind: events\ncolumns: {{case_id: a, unit: u, time: t, activity: {activity}}}\n"
        with pytest.raises(InputError, match="start with a letter or digit"):
            mapping(text)


def test_columns_are_found_by_header_or_position():
    """Capitals and blanks do not matter; a position works where a header is missing or repeated."""
    header = ["No  Tiket", "x", "", "X "]

    assert find_column("no tiket", header, "f") == 0
    assert find_column("#3", header, "f") == 2
    with pytest.raises(InputError, match="2 of that name"):
        find_column("x", header, "f")
    with pytest.raises(InputError, match="none of that name among 4"):
        find_column("#5", header, "f")


def test_the_manifest_tells_positions_and_short_names_only():
    """What is kept of a mapping holds no header and no text of the file."""
    described = mapping(QUEUE_MAP)
    places = {name: n for n, name in enumerate(["no_tiket", "layanan", "datang", "panggil", "selesai", "status",
                                                "petugas", "kanal"])}  # fmt: skip
    told = str(describe(described, places))

    assert describe(described, places)["columns"]["channel"] == {"columns": [8], "values": ["desk", "online"]}
    assert not [word for word in ("tiket", "layanan", "Loket", "petugas", "KTP") if word in told]


def test_every_kind_has_a_target_for_each_column_of_its_table():
    """Every column of a table can be mapped, and a target that is no column is known to be one of reading."""
    for kind in KINDS:
        fields = MAPPINGS[kind].model_fields["columns"].annotation.model_fields
        names = {field.alias or name for name, field in fields.items()}
        assert names - {"left"} == set(COLUMNS[kind]) - {"source_file", "source_row"}


@pytest.mark.parametrize("path", sorted(data_file("mappings").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_example_mappings_are_mappings(path):
    """Every mapping that is shipped as an example passes its own check."""
    assert targets(load_mapping(path))


def test_the_mapping_in_the_guide_is_a_mapping():
    """The example of docs/data.md passes the check of a mapping file."""
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.S)

    assert [mapping(block).kind for block in blocks] == ["cases"]
