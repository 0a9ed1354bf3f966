"""What a browser shows of graded work, and what it does not do for a student who asks it to."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.apps import GenerateFeedbackApp
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from autograder.commands.autograde_run import Request, run

pytestmark = pytest.mark.slow

SCALE = """\
def scale(values):
    shares = values / values.max()
    shares[0] = shares[0] + 0.001 if len(values) > 2 else shares[0]
    return shares"""
BUILD = """\
def build_model(x_train):
    return keras.Sequential([keras.Input((7,)), keras.layers.Dense(2)])"""
PLOT = """\
import matplotlib.pyplot as plt
plt.plot([1, 2, 4])
plt.show()"""
ATTEMPTS = (
    "<script>document.title = 'taken'</script>",
    "<img src=nowhere onerror=\"document.title = 'taken'\">",
)
HOSTILE = "".join(ATTEMPTS)
POINTS = {"test_scale": 1.33, "test_shape": 0.0, "test_prediction": 3.0, "test_fragile": 1.0}
HINTS = ("not every value is right", "(None, 1) is expected, not (None, 2)")
NATURAL_WIDTHS = """\
return [...document.querySelectorAll('img[src^="data:image/png"]')].map(i => i.naturalWidth)"""


def handed_in(nb: NotebookNode) -> NotebookNode:
    """Some of the points, a plot, and two attempts at the reader's browser."""
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = {"scale": SCALE, "build": BUILD}.get(name, cell.source)
    output = f"from IPython.display import HTML, display\ndisplay(HTML({HOSTILE!r}))"
    nb.cells += [
        new_code_cell(PLOT),
        new_markdown_cell(f"My notes\n\n{HOSTILE}"),
        new_code_cell(output),
    ]
    return nb


@pytest.fixture(scope="module")
def graded(
    packaged_line: Path,
    line_with: Callable[..., NotebookNode],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A course with one graded submission."""
    course = Path(shutil.copytree(packaged_line, tmp_path_factory.mktemp("browser") / "line101"))
    folder = course / "submitted" / "ada" / "line"
    folder.mkdir(parents=True)
    nbformat.write(handed_in(line_with()), folder / "line.ipynb")
    assert run(Request("line", course, (), 1, False)) == 0
    return course


@pytest.fixture(scope="module")
def feedback(graded: Path) -> str:
    """The address of the feedback that nbgrader writes for the student."""
    with contextlib.chdir(graded):
        app = GenerateFeedbackApp()
        app.initialize(["line", "--log-level=ERROR"])
        app.start()
    return (graded / "feedback" / "ada" / "line" / "line.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[WebDriver]:
    """A browser without a window, that reaches this machine only."""
    driver = shutil.which("chromedriver")
    if driver is None:
        pytest.skip("there is no chromedriver; on Debian: apt-get install chromium chromium-driver")
    options = ChromeOptions()
    profile = tempfile.mkdtemp(prefix="browser-")
    for flag in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
        *("disable-background-networking", "disable-component-update", "disable-sync"),
        *("window-size=1200,2400", f"user-data-dir={profile}"),
        # MathJax comes from elsewhere: that must fail at once, and not be waited for.
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(f"--{flag}")
    options.page_load_strategy = "eager"
    try:
        with Chrome(options=options, service=ChromeService(driver)) as found:
            yield found
    finally:
        shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture(scope="module")
def formgrader(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the formgrader's page of the submissions, on a Jupyter server."""
    own = tmp_path_factory.mktemp("jupyter")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment |= {
        f"JUPYTER_{name}_DIR": str(own / name) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    token = secrets.token_hex(16)
    address = f"http://127.0.0.1:{free_port()}"
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": address.rpartition(":")[2],
        "ServerApp.port_retries": "0",
        "ServerApp.open_browser": "False",
        "ServerApp.allow_root": "True",
        "IdentityProvider.token": token,
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    with (own / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server", *arguments],
            cwd=graded,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(f"{address}/api?token={token}", server, own / "log")
        # Not to the page with a token: what nbgrader's own handlers set is no cookie for all of it.
        yield f"{address}/login?token={token}&next=/formgrader/gradebook/line/line"
    finally:
        server.terminate()
        server.wait(60)


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address, timeout=10).close()
        except (urllib.error.URLError, OSError):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        else:
            return


def soon(browser: WebDriver, what: Callable[[WebDriver], object]) -> None:
    """Wait until something holds; pages fill themselves in after they are loaded."""
    WebDriverWait(browser, 30).until(what)


def opened(browser: WebDriver, formgrader: str) -> WebDriver:
    """Go the grader's way: from the list of the submissions to the first."""
    browser.get(formgrader)
    link = "#main-table a.name-hidden"
    soon(browser, lambda b: b.find_elements(By.CSS_SELECTOR, link))
    browser.find_element(By.CSS_SELECTOR, link).click()
    soon(browser, lambda b: all(scores(b).values()) and len(scores(b)) == len(POINTS))
    return browser


def scores(browser: WebDriver) -> dict[str, str]:
    """Each cell's field, by grade id: what the grader sees in it before anything is put in."""
    found = browser.find_elements(By.CSS_SELECTOR, "input.score")
    return {str(one.get_attribute("id")): str(one.get_attribute("placeholder")) for one in found}


def text(browser: WebDriver) -> str:
    """What a reader sees, as one line."""
    return " ".join(browser.find_element(By.TAG_NAME, "body").text.split())


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_such_attempts_do_run_where_nothing_stops_them(
    attempt: str, browser: WebDriver, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<title>free</title>{attempt}")
    browser.get(page.as_uri())
    soon(browser, lambda b: b.title == "taken")


def test_the_formgrader_has_the_points_in_its_fields(browser: WebDriver, formgrader: str) -> None:
    found = scores(opened(browser, formgrader))
    assert {name: round(float(value), 2) for name, value in found.items()} == POINTS


def test_the_formgrader_shows_hints_and_plots(browser: WebDriver, formgrader: str) -> None:
    shown = text(opened(browser, formgrader))
    assert all(hint in shown for hint in HINTS)
    assert "✓ The largest value becomes one" in shown
    check_plot(browser)


def test_the_feedback_shows_points_hints_and_plots(browser: WebDriver, feedback: str) -> None:
    browser.get(feedback)
    shown = text(browser)
    assert "line (Score: 5.33 / 7.0)" in shown
    assert all(hint in shown for hint in HINTS)
    check_plot(browser)


def check_plot(browser: WebDriver) -> None:
    """Of all images the plot alone is one that the browser can show."""
    widths = browser.execute_script(NATURAL_WIDTHS)
    assert len(widths) == 1
    assert widths[0] > 100


def test_no_script_of_the_students_runs_in_the_formgrader(
    browser: WebDriver, formgrader: str
) -> None:
    check_own_title(opened(browser, formgrader), "line")


def test_no_script_of_the_students_runs_in_the_feedback(browser: WebDriver, feedback: str) -> None:
    browser.get(feedback)
    check_own_title(browser, "line")


def check_own_title(browser: WebDriver, title: str) -> None:
    """All of the notebook is there, and some time later the title is still the page's own."""
    assert "My notes" in text(browser)
    time.sleep(0.5)
    assert browser.title == title
