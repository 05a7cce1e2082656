"""The pages of a real run in a real browser: no errors, no requests, and what a reader does."""

import shutil

import pytest

from mmsenti.cli import main
from mmsenti.evaluation import Report

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # As root, which containers are, Chromium has no sandbox.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(compared, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    Report(compared).save(path)
    return path


@pytest.fixture
def opened(browser, report):
    """Return a function that opens the report, and fails on errors and requests at the end."""
    trouble = []
    contexts = []

    def open_page(path=report, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    requests = []
    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []
    assert [url for url in requests if not url.startswith(("data:", "file:"))] == []
    assert len([url for url in requests if url.startswith("file:")]) == len(contexts)


def shown_rows(page):
    heads = page.locator("#cards .card header").all_inner_texts()
    return [int(head.split("row ")[1].split(",")[0]) for head in heads]


def test_samples_are_sorted(opened):
    page = opened()
    page.select_option("#sort", "row")
    assert shown_rows(page) == list(range(24))
    page.click("#next")
    assert shown_rows(page) == list(range(24, 48))
    page.click("#next")
    assert shown_rows(page) == list(range(48, 60))
    assert page.is_disabled("#next")


def test_samples_are_filtered(opened, compared):
    page = opened()
    page.select_option("#show", "right")
    marks = page.locator("#cards .mark").all_inner_texts()
    assert set(marks) == {"right"}
    page.select_option("#truth", "positive")
    assert set(page.locator("#cards .card header b").all_inner_texts()) == {"positive"}
    page.select_option("#show", "")
    page.select_option("#truth", "")
    page.select_option("#has", "audio")
    n_sounds = int(compared.study_.present["audio"].sum())
    assert page.inner_text("#count") == f"{n_sounds} of 60 samples"
    page.select_option("#has", "")
    page.fill("#find", "VERY SAME")
    assert sorted(shown_rows(page)) == [8, 9]


def test_text_from_data_stays_text(opened):
    page = opened()
    page.fill("#find", "document.title")
    assert shown_rows(page) == [5]
    text = page.inner_text("#cards .text")
    assert text.startswith("<script>document.title = 'broken'</script> & \"quotes\"")
    assert page.title() == "Which modalities carry the sentiment?"
    assert page.locator("#cards script, #cards .text b").count() == 0
    words = page.locator("#cards .text span").all_inner_texts()
    assert words[-2:] == ["\U0001f600", "great"]  # an emoji is one character, not two halves


def test_sounds_can_be_played_and_pictures_are_seen(opened):
    page = opened()
    page.select_option("#has", "audio")
    player = page.locator("#cards audio").first
    assert player.get_attribute("controls") is not None
    seconds = player.evaluate(
        """async (player) => {
            player.muted = true;
            await player.play();
            await new Promise((done) => setTimeout(done, 300));
            player.pause();
            return [player.duration, player.currentTime];
        }"""
    )
    assert seconds[0] > 0.5
    assert seconds[1] > 0.0
    page.select_option("#has", "image")
    picture = page.locator("#cards img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 50


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_it_fits_the_screen_in_both_schemes(opened, tmp_path, scheme, width, height):
    page = opened(viewport={"width": width, "height": height}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    brightness = [sum(map(int, c[4:-1].split(",")[:3])) for c in (ink, paper)]
    assert (brightness[0] > brightness[1]) == (scheme == "dark")
    assert page.evaluate("getComputedStyle(document.querySelector('figure svg text')).fill") == ink
    shot = page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert len(shot) > 50_000


def test_it_prints(opened):
    page = opened()
    page.emulate_media(media="print")
    assert not page.is_visible("#show")
    assert page.is_visible("#comparison table")
    assert len(page.pdf()) > 20_000


def test_the_page_of_an_explanation(opened, tmp_path, capsys):
    from mmsenti.datasets import make_posts

    make_posts(60, folder=tmp_path, random_state=0)
    manifest, model = str(tmp_path / "manifest.csv"), str(tmp_path / "model.skops")
    assert main(["fit", manifest, "--label", "label", "-o", model]) == 0
    path = tmp_path / "why.html"
    assert main(["explain", model, manifest, "--row", "0", "--html", str(path)]) == 0
    assert "opens in a browser" in capsys.readouterr().out
    page = opened(path, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".picture span").count() == 16
    assert (
        page.locator(".picture img").evaluate("(i) => i.decode().then(() => i.naturalWidth)") > 50
    )
    assert page.locator("p.text span").count() > 3
