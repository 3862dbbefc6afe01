"""Small files as offices keep them, and ways to import them."""

import gzip
import os
from pathlib import Path

from kinerja_sim.field.intake import import_files
from kinerja_sim.field.mapping import check_mapping
from kinerja_sim.field.tables import read_field
from kinerja_sim.know.yamlfile import parse_yaml

QUEUE = """no_tiket,layanan,datang,panggil,selesai,status,petugas,kanal
T1,KTP,2026-01-05 08:00:00,2026-01-05 08:05:00,2026-01-05 08:15:00,Selesai,Sari,Loket
T2,KK,2026-01-05 08:01:00,2026-01-05 08:16:00,2026-01-05 08:30:00,Selesai,Sari,Online
T3,KTP,2026-01-05 08:02:00,,2026-01-05 08:20:00,Batal,,Loket
T4,KTP,2026-01-05 08:03:00,,,Menunggu,,Loket
"""
QUEUE_MAP = """kind: cases
columns:
  case_id: no_tiket
  unit: {column: layanan, values: {KTP: ktp, KK: kk}}
  arrived: datang
  started: panggil
  finished: selesai
  outcome: {column: status, values: {Selesai: served, Batal: abandoned, Menunggu: open}}
  officer: petugas
  channel: {column: kanal, values: {Loket: desk, Online: online}}
"""
XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="org:resource" value="nobody"/></global>
  <string key="concept:name" value="a log"/>
  <trace>
    <string key="concept:name" value="c1"/>
    <event><string key="concept:name" value="Check"/><date key="time:timestamp" value="2026-01-05T08:00:00+07:00"/>
      <string key="org:resource" value="Sari"/></event>
    <event><string key="concept:name" value="Print"/><date key="time:timestamp" value="2026-01-05T02:00:00Z"/></event>
  </trace>
  <trace>
    <string key="concept:name" value="c2"/>
    <event><string key="concept:name" value="Check"/>
      <date key="time:timestamp" value="2026-01-06T09:00:00+08:00"/></event>
  </trace>
</log>
"""
XES_MAP = """kind: events
time_zone: WIB
columns:
  case_id: case:concept:name
  unit: permits
  activity: {column: concept:name, values: {Check: Check, Print: Print}}
  time: time:timestamp
  officer: org:resource
"""
REAL = Path(os.environ.get("KINERJA_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
NO_REAL = "the real service logs are not here; KINERJA_SHARED_DATA names their folder"
STAFF = "nama;mulai;jabatan\nSari;01/02/2020;Pelaksana\n"
STAFF_MAP = """kind: staff
columns:
  unit: ktp
  officer: nama
  from: {column: mulai, format: "%d/%m/%Y"}
  role: {column: jabatan, values: {Pelaksana: counter}}
"""


def mapping(text):
    """Return the mapping that YAML text describes."""
    return check_mapping(parse_yaml(text, "mapping.yaml"))


def written(path, content):
    """Write text or bytes to `path`, gzipped if its name says so, and return it."""
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.name.endswith(".gz") else data)
    return path


def imported(tmp_path, content, mapping_text, name="log.csv"):
    """Import content by a mapping and return its data folder, opened."""
    file = content if isinstance(content, Path) else written(tmp_path / name, content)
    import_files([file], mapping(mapping_text), tmp_path / "mine", key_file=tmp_path / "key")
    return read_field(tmp_path / "mine")
