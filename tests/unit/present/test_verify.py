"""`verify`: one changed digit is found wherever it stands, other words pass, stale numbers are listed."""

import io
import json
import re
import shutil
import zipfile

import pandas as pd
import pytest
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches
from pypdf import PdfWriter
from pypdf.generic import ByteStringObject, ContentStream, NameObject, TextStringObject

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.claims import tokens
from kinerja_sim.present.verify import find_results, read_shown, verify

FILES = ("deck.pptx", "deck.html", "brief.pdf")
DIGITS = str.maketrans("0123456789", "1234567890")


def failing(path, results=None):
    """Return (status, where, shown) of what fails in a file."""
    return [(c.status, c.where, c.shown) for c in verify(path, results).checks if c.fails]


def other_digit(text, at):
    """Return `text` with the digit at `at` replaced by the next one."""
    return text[:at] + text[at].translate(DIGITS) + text[at + 1 :]


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_as_written_holds(built, lang, name):
    """Every number of a fresh file is recomputed and found right, and there are hundreds of them."""
    report = verify(built / lang / name)

    assert report.checks == []
    assert report.holds
    assert report.n_bound > 300


def test_any_digit_of_any_visible_text_of_the_html_is_watched(copied):
    """Changing one digit, wherever on a slide or in its notes, is found, one place at a time."""
    path = copied() / "en" / "deck.html"
    html = path.read_text(encoding="utf-8")
    start, end = html.index('<div class="slides">'), html.index('<script id="kinerja-bindings"')
    visible = [start + m.end() - 1 for m in re.finditer(r">[^<]*?\d", html[start:end])]
    assert len(visible) > 60
    for at in visible[:: len(visible) // 8]:
        path.write_text(other_digit(html, at), encoding="utf-8")
        assert failing(path), html[at - 30 : at + 10]


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", FILES)
def test_no_digit_of_any_text_that_is_read_can_change_unseen(built, lang, name):
    """Whatever stands before a digit, on a slide, in its notes or on a page, another digit makes another number."""
    texts = read_shown(built / lang / name).texts.values()
    digits = [(text, m.start()) for text in texts for m in re.finditer(r"\d", text)]

    assert any(re.search(r"[^\d\w]\.\d", text) for text in texts) or name.endswith(".pdf")
    assert len(digits) > 600
    assert [text[at - 9 : at + 9] for text, at in digits if tokens(other_digit(text, at)) == tokens(text)] == []


@pytest.mark.parametrize("name", ["deck.pptx", "deck.html"])
def test_a_decimal_without_its_nought_is_watched(copied, name):
    """A changed digit of `R2=.319` in the notes, as sources write it, is found."""
    path = copied() / "en" / name
    if name.endswith(".html"):
        path.write_text(path.read_text("utf-8").replace("R2=.319", "R2=.519", 1), encoding="utf-8")
    else:
        deck = Presentation(path)
        run = next(r for r in runs_of(deck) if "R2=.319" in r.text)
        run.text = run.text.replace("R2=.319", "R2=.519")
        deck.save(path)

    assert [(status, shown) for status, _, shown in failing(path)] == [("edited", ".519")]


def runs_of(deck):
    """Return every run of text of a deck's slides, tables and notes."""
    found = []
    for slide in deck.slides:
        frames = [s.text_frame for s in slide.shapes if s.has_text_frame and s.name != "Slide Number Placeholder 5"]
        frames += [c.text_frame for s in slide.shapes if s.has_table for row in s.table.rows for c in row.cells]
        frames.append(slide.notes_slide.notes_text_frame)
        found += [r for f in frames for p in f.paragraphs for r in p.runs if re.search(r"\d", r.text)]
    return found


def test_any_digit_of_the_pptx_is_watched(copied):
    """Changing one digit of a title, a line, a cell or the notes is found, one place at a time."""
    path = copied() / "id" / "deck.pptx"
    pristine = path.read_bytes()
    n = len(runs_of(Presentation(io.BytesIO(pristine))))
    assert n > 60
    for i in range(0, n, max(n // 8, 1)):
        deck = Presentation(io.BytesIO(pristine))
        run = runs_of(deck)[i]
        before = run.text
        run.text = other_digit(before, re.search(r"\d", before).start())
        deck.save(path)
        assert failing(path), before


def chart_numbers(deck, tag):
    """Return the elements that hold the numbers of native charts below `tag`."""
    charts = [s.chart._chartSpace for slide in deck.slides for s in slide.shapes if s.has_chart]
    return [v for space in charts for holder in space.iter(qn(tag)) for v in holder.iter(qn("c:v"))]


@pytest.mark.parametrize("tag", ["c:val", "c:minus", "c:plus"])
def test_a_changed_digit_of_a_native_chart_is_found(copied, tag):
    """One digit of a bar, or of either reach of an error bar, does not pass."""
    path = copied() / "en" / "deck.pptx"
    deck = Presentation(path)
    value = next(v for v in chart_numbers(deck, tag) if v.text not in ("0", "0.0", "100"))
    value.text = other_digit(value.text, re.search(r"[1-9]", value.text).start())
    deck.save(path)

    assert [status for status, where, _ in failing(path) if "chart-0" in where] != []


def test_a_changed_cell_of_a_charts_workbook_is_found(copied):
    """The workbook behind a chart must say what the chart draws."""
    from openpyxl import load_workbook

    path = copied() / "en" / "deck.pptx"
    deck = Presentation(path)
    chart = next(s.chart for slide in deck.slides for s in slide.shapes if s.has_chart)
    book = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    book.active["B2"] = book.active["B2"].value + 1
    buffer = io.BytesIO()
    book.save(buffer)
    chart.part.chart_workbook.update_from_xlsx_blob(buffer.getvalue())
    deck.save(path)

    assert [shown for _, _, shown in failing(path) if "workbook" in shown]


def glyphs(font):
    """Return character to code of a font, from the table that text extraction reads."""
    table = font["/ToUnicode"].get_data().decode()
    pairs = re.findall(r"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>", table)
    return {chr(int(char, 16)): int(code, 16) for code, char in pairs}


def change_digit_of_page(path, page_number):
    """Replace one digit's glyph in a page's drawing commands by another digit's."""
    writer = PdfWriter(clone_from=path)
    page = writer.pages[page_number]
    fonts = {name: glyphs(f.get_object()) for name, f in page["/Resources"]["/Font"].items()}
    stream, font = ContentStream(page.get_contents(), writer), None
    for operands, operator in stream.operations:
        if operator == b"Tf":
            font = fonts[operands[0]]
        if operator not in (b"TJ", b"Tj") or font is None or not {"2", "3"} <= set(font):
            continue
        texts = operands[0] if operator == b"TJ" else operands
        for i, text in enumerate(texts):
            if not isinstance(text, (ByteStringObject, TextStringObject, bytes)):
                continue
            data = bytes(text) if isinstance(text, bytes) else text.original_bytes
            codes = [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]
            if font["2"] in codes:
                codes[codes.index(font["2"])] = font["3"]
                texts[i] = ByteStringObject(b"".join(c.to_bytes(2, "big") for c in codes))
                page[NameObject("/Contents")] = writer._add_object(stream)
                writer.write(path)
                return
    raise AssertionError("no digit 2 on this page")


@pytest.mark.parametrize("page", [0, 1])
def test_a_changed_digit_of_the_pdf_is_found(copied, page):
    """One glyph exchanged in the drawing commands of a page is found in its text and in its sum."""
    path = copied() / "id" / "brief.pdf"
    change_digit_of_page(path, page)
    found = failing(path)

    assert {where for _, where, _ in found} == {f"page-{page + 1}"}
    assert len([status for status, _, _ in found if status == "edited"]) == 2
    assert any("3" in shown for _, _, shown in found)


def test_a_number_laid_over_the_pdf_is_found(copied):
    """A text stamped on a page does not pass, whatever it happens to lie beside."""
    path = copied() / "en" / "brief.pdf"
    writer = PdfWriter(clone_from=path)
    stamp = b" q BT /%s 12 Tf 1 0 0 1 300 30 Tm <%s> Tj ET Q"
    fonts = writer.pages[0]["/Resources"]["/Font"]
    name = next(n for n in fonts if {"1", "7"} <= set(glyphs(fonts[n].get_object())))
    table = glyphs(fonts[name].get_object())
    stamp %= (name[1:].encode(), "".join(f"{table[c]:04X}" for c in "17717").encode())
    contents = writer.pages[0].get_contents()
    contents.set_data(contents.get_data() + stamp)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(contents)
    writer.write(path)

    assert any("17717" in shown for _, _, shown in failing(path))


def test_a_reworded_title_passes_as_long_as_its_numbers_hold(copied):
    """Other words, even in another order, are reported and pass; a number less or more is not."""
    path = copied() / "en" / "deck.pptx"
    deck = Presentation(path)
    slide = next(s for s in deck.slides if s._element.cSld.get("name") == "region-tebing-tinggi")
    numbers = tokens(slide.shapes.title.text)
    slide.shapes.title.text = f"Between {' and '.join(reversed(numbers))}, in our words"
    deck.save(path)
    report = verify(path)

    assert report.holds
    assert [(c.status, c.where) for c in report.checks] == [("reworded", "region-tebing-tinggi/title")]

    slide.shapes.title.text = f"Only {numbers[0]} now"
    deck.save(path)
    assert {status for status, _, _ in failing(path)} == {"missing"}


def test_what_a_presenter_adds_is_not_bound(copied):
    """A number in a new box, or on a new slide, is listed."""
    path = copied() / "en" / "deck.pptx"
    deck = Presentation(path)
    box = deck.slides[1].shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1))
    box.text_frame.text = "We saved 250 million"
    new = deck.slides.add_slide(deck.slide_layouts[0])
    new.shapes.title.text = "Our 12 plans"
    deck.save(path)

    assert {shown for status, _, shown in failing(path) if status == "not_bound"} == {"250", "12"}


def test_a_footer_that_was_taken_off_a_slide_is_missed(copied):
    """A slide without its n does not pass, though a slide that is gone does."""
    path = copied() / "en" / "deck.pptx"
    deck = Presentation(path)
    slide = next(s for s in deck.slides if s._element.cSld.get("name") == "capacity")
    footer = next(s for s in slide.shapes if s.name == "footer")._element
    footer.getparent().remove(footer)
    deck.save(path)

    assert [(status, where) for status, where, _ in failing(path)] == [("missing", "capacity/footer")]


def test_a_deck_whose_slides_were_moved_or_taken_out_still_holds(copied):
    """The order of slides is the presenter's; a slide that is gone is only told."""
    path = copied() / "en" / "deck.pptx"
    deck = Presentation(path)
    order = deck.slides._sldIdLst
    order.insert(1, order[-2])
    deck.part.drop_rel(order[3].rId)
    order.remove(order[3])
    deck.save(path)
    report = verify(path)

    assert report.holds
    assert {c.status for c in report.checks} == {"removed"}


def change_contrast(folder, **changes):
    """Change one region's answer in the saved table; return the manifest's sums to what they were."""
    table = pd.read_parquet(folder / "contrasts.parquet")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    region = "tebing-tinggi"
    h = next(h for h in manifest["regions"][region]["hypotheses"] if h["primary"])
    at = (table["region"] == region) & (table["scenario"] == region) & (table["window"] == h["window"])
    at &= (table["unit"] == h["unit"]) & (table["metric"] == h["metric"])
    for column, value in changes.items():
        table.loc[at, column] = value
    table.to_parquet(folder / "contrasts.parquet", index=False)


@pytest.mark.parametrize("name", FILES)
def test_numbers_are_stale_when_the_results_move_on(copied, name):
    """A result that changed makes exactly the numbers stale that show it, charts and pictures included."""
    folder = copied()
    change_contrast(folder, low=-99.0)
    checks = [c for c in verify(folder / "en" / name).checks if c.fails]

    assert checks
    assert {c.status for c in checks} == {"stale"}
    assert any(c.expected.startswith("−99") for c in checks)
    assert not any("arcamanik" in c.where for c in checks)


def test_tables_changed_behind_the_manifests_back_are_noticed(copied):
    """Where the manifest names the tables' sums, a table that was edited fails even if no shown number moves."""
    folder = copied()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    sums = {"contrasts.parquet": "0" * 64}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"tables": sums}), encoding="utf-8")

    assert ("changed_tables", "contrasts.parquet") in [(s, w) for s, w, _ in failing(folder / "en" / "deck.html")]


def test_a_deck_of_another_run_does_not_pass(copied):
    """Verified against other results, the run is named first."""
    folder = copied()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"run_id": "0123456789"}), encoding="utf-8")

    assert failing(folder / "en" / "deck.pptx")[0][0] == "other_run"


def test_a_row_that_is_gone_is_stale(copied):
    """A number whose row the tables no longer hold is stale, not an error."""
    folder = copied()
    table = pd.read_parquet(folder / "contrasts.parquet")
    table[table["scenario"] != "speed_only"].to_parquet(folder / "contrasts.parquet", index=False)
    checks = [c for c in verify(folder / "en" / "deck.html").checks if c.fails]

    assert {"stale"} == {c.status for c in checks}
    assert "–" in {c.expected for c in checks}


def test_a_replaced_picture_is_noticed(copied):
    """A figure of the HTML deck that is not the one drawn does not pass."""
    path = copied() / "en" / "deck.html"
    html = path.read_text("utf-8")
    at = html.index("base64,", html.index('<img data-k="chart"')) + 200
    path.write_text(html[:at] + ("A" if html[at] != "A" else "B") + html[at + 1 :], encoding="utf-8")

    assert [status for status, where, _ in failing(path) if where.endswith("/chart")] == ["edited"]


def test_the_results_are_found_around_the_file_or_named(built, tmp_path):
    """A deck that was mailed needs --results; where it was written it does not."""
    moved = shutil.copy(built / "id" / "deck.html", tmp_path / "deck.html")

    assert find_results(built / "id" / "deck.html", None) == built
    assert verify(moved, built).holds
    with pytest.raises(InputError, match=r"`results` must name the comparison's folder.*--results"):
        verify(moved)


def test_a_file_that_lost_its_bindings_is_refused(copied):
    """Without the list of bindings nothing can be recomputed, and the error says how that happens."""
    path = copied() / "en" / "deck.pptx"
    kept = io.BytesIO()
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(kept, "w") as after:
        for item in before.infolist():
            data = before.read(item)
            if item.filename == "ppt/_rels/presentation.xml.rels":
                data = re.sub(rb"<Relationship [^>]*customXml[^>]*/>", b"", data)
            if not item.filename.startswith("customXml"):
                after.writestr(item, data)
    path.write_bytes(kept.getvalue())

    with pytest.raises(InputError, match="must hold the list of where its numbers come from"):
        verify(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("deck.pptx", b"no zip", "must be a readable pptx file"),
        ("brief.pdf", b"%PDF-1.7 broken", "must be a readable pdf file"),
        ("deck.html", b"\xff\xfe\x00", "must be a readable html file"),
        ("deck.html", b"<p>17</p>", "must hold the list of where its numbers come from"),
        ("deck.odp", b"", "must be one of .pptx, .html, .pdf; got '.odp'"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, content, message):
    """What is no deck or brief is a user's mistake, told in one line."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=re.escape(message)):
        verify(tmp_path / name, tmp_path)
    with pytest.raises(InputError, match="`file` must be a file; got a folder"):
        verify(tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """A path without a file says so."""
    with pytest.raises(InputError, match="`file` must exist"):
        verify(tmp_path / "deck.pptx")
