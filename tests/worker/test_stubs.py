"""Packages that this machine lacks are stood in for, and no other."""

import importlib.util
import sys

import pytest

from autograder.worker.stubs import Inert, StubFinder


@pytest.fixture
def missing(monkeypatch):
    """Import a module as if neither it nor its package were installed."""

    def load(name):
        spec = StubFinder().find_spec(name)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return load


def test_progress_bars_give_their_items(missing):
    notebook = missing("tqdm.notebook")
    assert list(notebook.tqdm([1, 2], desc="x")) == [1, 2]
    assert list(notebook.trange(2)) == [0, 1]
    with notebook.tqdm(total=3) as bar:
        bar.update(1)
        bar.set_postfix(loss=1.0)
    with pytest.raises(AttributeError):
        notebook.no_such_name  # noqa: B018


def test_widgets_do_nothing_and_leave_functions_alone(missing):
    widgets = missing("ipywidgets")

    @widgets.interact(n=3)
    def shown(n):
        return n

    assert shown(2) == 2
    widgets.IntSlider(3).observe(print, names="value")
    with widgets.Output():
        assert list(widgets.VBox([])) == []


def test_nothing_else_is_stood_in_for():
    finder = StubFinder()
    assert finder.find_spec("tensorflow") is None
    assert finder.find_spec("tqdm_extra") is None
    assert finder.find_spec("google.protobuf") is None


def test_an_inert_thing_has_no_special_methods():
    with pytest.raises(AttributeError):
        Inert().__array__  # noqa: B018
