"""The PowerPoint deck and the brief as other programs render them: every page there, nothing clipped, nothing lost."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pptx import Presentation
from pypdf import PdfReader

from kinerja_sim.present.shows import write_shows
from tests.fakes import save_fakes

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LEAST_INK, MOST_INK = 0.002, 0.6  # share of a page's pixels that are not white
EDGE = 2  # pixels at the border that stay white


@pytest.fixture(scope="module", params=["id", "en"])
def made(request, tmp_path_factory) -> Path:
    """A folder with deck.pptx and brief.pdf in one language."""
    folder = save_fakes(tmp_path_factory.mktemp(request.param))
    assert [one.error for one in write_shows(folder, request.param)] == ["", "", ""]
    return folder / request.param


def program(*names: str) -> str:
    """Return the first of some programs that is installed, or skip."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"none of {', '.join(names)} is on this machine")
    return found


def pages(pdf: Path, folder: Path) -> list:
    """Return the pages of a PDF as grey pictures."""
    image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    subprocess.run([program("pdftoppm"), "-r", "50", "-gray", "-png", pdf, folder / "page"], check=True)
    return [image.open(path) for path in sorted(folder.glob("page*.png"))]


def looked_at(picture) -> tuple[float, bool]:
    """Return the share of a page that is not white, and whether its border is white all round."""
    width, height = picture.size
    dark = sum(picture.histogram()[:250]) / (width * height)
    inner = (EDGE, EDGE, width - EDGE, height - EDGE)
    border = sum(picture.histogram()[:200]) - sum(picture.crop(inner).histogram()[:200])
    return dark, border == 0


@pytest.fixture
def rendered(made, tmp_path) -> Path:
    """The deck as LibreOffice prints it."""
    office = program("soffice", "libreoffice")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, made / "deck.pptx"],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return tmp_path / "deck.pdf"


def test_an_office_program_shows_every_slide_whole(made, rendered, tmp_path):
    """Each slide becomes one page that is neither empty nor drawn over its edge, with its title on it."""
    deck = Presentation(str(made / "deck.pptx"))
    texts = [" ".join(page.extract_text().split()) for page in PdfReader(rendered).pages]
    pictures = pages(rendered, tmp_path)

    assert len(texts) == len(pictures) == len(deck.slides)
    for slide, text, picture in zip(deck.slides, texts, pictures, strict=True):
        name = slide._element.cSld.get("name")
        dark, is_white_round = looked_at(picture)
        assert LEAST_INK < dark < MOST_INK, name
        assert is_white_round, name
        assert " ".join(slide.shapes.title.text.split()) in text, name


def test_titles_and_lines_stay_inside_their_boxes(made, rendered):
    """Where LibreOffice sets the last line of a title or of the lines below a chart is above the box's end."""
    deck = Presentation(str(made / "deck.pptx"))
    for slide, page in zip(deck.slides, PdfReader(rendered).pages, strict=True):
        height = float(page.mediabox.height)
        found: list[tuple[float, str]] = []

        def keep(text, cm, tm, _font, _size, found=found):
            if text.strip():
                found.append((tm[4] * cm[1] + tm[5] * cm[3] + cm[5], text.strip()))

        page.extract_text(visitor_text=keep)
        for shape in slide.shapes:
            if not shape.has_text_frame or shape.name not in ("title", "lines", "kicker", "footer"):
                continue
            words = shape.text_frame.paragraphs[-1].text.split()
            lowest = [y for y, text in found if words and words[-1] in text.split()]
            ends = height - (shape.top + shape.height) / 12700
            assert not lowest or max(lowest) > ends - 4, (slide._element.cSld.get("name"), shape.name)


def test_a_pdf_program_shows_every_page_of_the_brief(made, tmp_path):
    """Each page of the brief is drawn, inside its margins."""
    pictures = pages(made / "brief.pdf", tmp_path)

    assert len(pictures) == len(PdfReader(made / "brief.pdf").pages)
    for number, picture in enumerate(pictures, start=1):
        dark, is_white_round = looked_at(picture)
        assert LEAST_INK < dark < MOST_INK, number
        assert is_white_round, number
