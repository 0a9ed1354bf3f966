"""A notebook that asks whether it runs on Colab hears no; if it needs Colab's package, it gets one.

Property: whatever way a notebook asks, the answer is what it would be on the student's machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

IMPORTS = [
    "import google.colab",
    "import google.colab as c",
    "from google.colab import drive",
    "from google.colab import files as f, drive as d",
    "import google.colab.drive",
    "from google import colab",
    "import importlib; importlib.import_module('google.colab')",
    "__import__('google.colab')",
    "in_function()",
    "from kaggle_secrets import UserSecretsClient",
]
CATCHES = [
    "except ImportError:",
    "except ModuleNotFoundError:",
    "except ModuleNotFoundError as error:",
    "except (ValueError, ImportError):",
    "except Exception:",
    "except BaseException as error:",
    "except:",
    "except ValueError:\n    pass\nexcept ImportError:",
]
QUESTIONS = [
    "'google.colab' in sys.modules",
    "'google.colab' in str(get_ipython())",
    "bool(importlib.util.find_spec('google.colab'))",
    "bool(importlib.util.find_spec('google.colab.drive'))",
    "any(name.startswith('COLAB') for name in os.environ)",
    "any('colab' in name for name in sys.modules)",
    "os.path.isdir('/content')",
]
ASK = """import importlib.util, os, sys
def asked(question):
    try:
        return question()
    except ModuleNotFoundError:
        return False
"""
DEFINED = "def in_function():\n    import google.colab\n    return True"


@pytest.fixture
def cars(driver: Any, tmp_path: Path) -> Iterator[None]:
    """Have the cells run beside a released file and another."""
    (tmp_path / "cars.csv").write_bytes(b"Price\n7\n")
    (tmp_path / "own.txt").write_bytes(b"mine")
    driver.folder, driver.released = str(tmp_path), ("cars.csv", "gone.csv")
    yield
    driver.folder, driver.released = None, ()


@pytest.mark.parametrize("line", IMPORTS)
@pytest.mark.parametrize("catch", CATCHES)
def test_an_import_that_may_fail_fails(driver: Any, line: str, catch: str) -> None:
    if "ModuleNotFoundError" in catch and line == "from google import colab":
        pytest.skip("where the package google exists, this is an ImportError everywhere")
    source = f"try:\n    {line}\n    there = True\n{catch}\n    there = False"
    answer = driver.run(DEFINED, source, wanted=["there"])
    assert answer.found == {"there": False}
    assert answer.reports[1].notes == ()


@pytest.mark.usefixtures("cars")
@pytest.mark.parametrize(
    "source",
    [
        "with contextlib.suppress(ImportError):\n    import google.colab\n    there = True",
        "with suppress(Exception, ValueError):\n    import google.colab\n    there = True",
        "def ask():\n    try:\n        return in_function()\n    except ImportError:\n"
        "        return False\nthere = ask()",
        "try:\n    there = in_function()\nexcept ImportError:\n    pass",
        "try:\n    try:\n        import google.colab\n    finally:\n        pass\n"
        "    there = True\nexcept ImportError:\n    pass",
        "try:\n    import google.colab\nexcept* ImportError:\n    pass\nelse:\n    there = True",
        "try:\n    %run asks.py\nexcept ImportError:\n    pass",
        "from asks import there",
    ],
)
def test_other_ways_to_ask_hear_no_as_well(driver: Any, source: str) -> None:
    answer = driver.run(
        f"import contextlib\nfrom contextlib import suppress\nthere = False\n{DEFINED}",
        "%%writefile asks.py\ntry:\n    import google.colab\n    there = True\n"
        "except ImportError:\n    there = False",
        source,
        wanted=["there"],
    )
    assert answer.found == {"there": False}
    assert answer.reports[2].status == "ran"


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("before", ["pass", *IMPORTS])
def test_no_question_is_answered_with_yes(driver: Any, before: str, question: str) -> None:
    answer = driver.run(
        ASK, DEFINED, before, f"there = asked(lambda: {question})", wanted=["there"]
    )
    assert answer.found == {"there": False}


@pytest.mark.parametrize("line", IMPORTS)
@pytest.mark.parametrize(
    "around",
    [
        "{}\nafter = 1",
        "if True:\n    {}\nafter = 1",
        "try:\n    {}\nfinally:\n    after = 1",
        "try:\n    {}\nexcept OSError:\n    pass\nafter = 1",
        "try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    {}\nafter = 1",
        "with open('/dev/null'):\n    {}\nafter = 1",
    ],
)
def test_an_import_that_must_not_fail_does_not(driver: Any, line: str, around: str) -> None:
    answer = driver.run(DEFINED, around.format(line), wanted=["after"])
    assert answer.found == {"after": 1}
    assert answer.reports[1].status == "ran"
    assert "does nothing here" in answer.reports[1].notes[0]


@pytest.mark.usefixtures("cars")
@pytest.mark.parametrize(
    "source",
    [
        "from google.colab import files\nuploaded = files.upload()",
        "import google.colab\nuploaded = google.colab.files.upload()",
        "from google.colab.files import upload\nuploaded = upload()",
        "import google.colab.files as f\nuploaded = f.upload()",
    ],
)
def test_an_upload_gives_the_files_of_the_exercise(driver: Any, source: str) -> None:
    answer = driver.run(source, wanted=["{k: v.decode() for k, v in uploaded.items()}"])
    assert list(answer.found.values()) == [{"cars.csv": "Price\n7\n"}]
    assert "`upload()` gives the exercise's files" in answer.reports[0].notes[0]


def test_a_drive_is_mounted_without_effect(driver: Any) -> None:
    answer = driver.run(
        "from google.colab import drive, output, userdata\ndrive.mount('/content/drive')",
        "import google.colab\ngoogle.colab.drive.flush_and_unmount()\noutput.clear()",
        "drive.mount('/content/drive', force_remount=True)\nuserdata.get('KEY')",
    )
    assert [report.status for report in answer.reports] == ["ran"] * 3
