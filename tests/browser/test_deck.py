"""The deck in a real browser with the network off: complete, inside its frame, large enough to read."""

import pytest

from kinerja_sim.present.shows import write_shows
from tests.fakes import save_fakes

pytestmark = pytest.mark.browser
WIDTH, HEIGHT = 1280, 720
OUTSIDE = """() => {
  const slide = Reveal.getCurrentSlide(), frame = slide.getBoundingClientRect(), found = [];
  for (const e of slide.querySelectorAll('*')) {
    if (e.closest('aside')) continue;
    const b = e.getBoundingClientRect();
    if (b.left < frame.left - 1 || b.top < frame.top - 1 || b.right > frame.right + 1 || b.bottom > frame.bottom + 1)
      found.push(e.tagName + ': ' + e.textContent.slice(0, 60));
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).overflow !== 'visible')
      found.push('clipped ' + e.tagName);
  }
  return found;
}"""
OVERLAPS = """() => {
  const boxes = [...Reveal.getCurrentSlide().querySelectorAll('.kicker, h1, h2, table, img, .lines, .footer')]
    .map(e => [e.tagName, e.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
    if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1)
      found.push(a + ' over ' + b);
  }));
  return found;
}"""
SMALL = """() => [...Reveal.getCurrentSlide().querySelectorAll('p, h1, h2, th, td')]
  .filter(e => !e.closest('aside'))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < (e.matches('.footer') ? 18 : e.closest('.dense') ? 20 : 24))
  .map(e => e.textContent)"""
TITLE_LINES = """() => { const e = Reveal.getCurrentSlide().querySelector('h1, h2');
  const r = document.createRange(); r.selectNodeContents(e);
  return new Set([...r.getClientRects()].map(b => Math.round(b.top))).size; }"""
BROKEN_IMAGES = "() => [...document.images].filter(i => !i.complete || i.naturalWidth === 0).length"


@pytest.mark.parametrize("replications", [1, 20])
@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_deck_opens_offline_and_stays_inside_its_frame(browser, tmp_path, lang, replications):
    """No request but the file, no console error, every slide inside 1280 x 720, titles of two lines, 24 px and more."""
    (made,) = write_shows(save_fakes(tmp_path, replications=replications), lang, files=["deck.html"])
    assert made.error == ""
    path = made.path.resolve()
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, offline=True)
    page, requests, failures, errors = context.new_page(), [], [], []
    page.route("**/*", lambda route: route.continue_() if route.request.url == path.as_uri() else route.abort())
    page.on("request", lambda request: requests.append(request.url))
    page.on("requestfailed", lambda request: failures.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    n_slides = page.evaluate("Reveal.getTotalSlides()")
    assert n_slides == 13
    for i in range(n_slides):
        page.evaluate(f"Reveal.slide({i})")
        where = f"slide {i + 1} ({lang})"
        assert page.evaluate(OUTSIDE) == [], where
        assert page.evaluate(OVERLAPS) == [], where
        assert page.evaluate(SMALL) == [], where
        assert page.evaluate(TITLE_LINES) <= 2, where
        assert page.evaluate("Reveal.getCurrentSlide().getBoundingClientRect().width") == WIDTH, where
    assert page.evaluate(BROKEN_IMAGES) == 0
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert failures == []
    assert errors == []
    context.close()
