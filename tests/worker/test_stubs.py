"""Packages that this machine lacks are stood in for, and no other."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import pytest

from autograder.worker.stubs import Inert, StubFinder


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module as if neither it nor its package were installed."""

    def load(name: str) -> Any:
        spec = StubFinder().find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return load


def test_progress_bars_give_their_items(missing: Any) -> None:
    notebook = missing("tqdm.notebook")
    assert list(notebook.tqdm([1, 2], desc="x")) == [1, 2]
    assert list(notebook.trange(2)) == [0, 1]
    with notebook.tqdm(total=3) as bar:
        bar.update(1)
        bar.set_postfix(loss=1.0)
    with pytest.raises(AttributeError):
        notebook.no_such_name  # noqa: B018


def test_widgets_do_nothing_and_leave_functions_alone(missing: Any) -> None:
    widgets = missing("ipywidgets")

    @widgets.interact(n=3)
    def shown(n: Any) -> Any:
        return n

    assert shown(2) == 2
    widgets.IntSlider(3).observe(print, names="value")
    with widgets.Output():
        assert list(widgets.VBox([])) == []


def test_nothing_else_is_stood_in_for() -> None:
    finder = StubFinder()
    assert finder.find_spec("tensorflow") is None
    assert finder.find_spec("tqdm_extra") is None
    assert finder.find_spec("google.protobuf") is None


def test_an_inert_thing_has_no_special_methods() -> None:
    with pytest.raises(AttributeError):
        Inert().__array__  # noqa: B018
