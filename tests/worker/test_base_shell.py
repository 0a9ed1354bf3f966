"""The one time limit and the one way of showing that both IPython shells of the workers have."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from autograder.worker.base_shell import CellTimeout, Stopwatch, time_limit

HOUR = 3600.0


def _handler() -> object:
    return signal.getsignal(signal.SIGALRM)


def test_a_time_limit_interrupts_and_leaves_the_signal_as_it_was() -> None:
    before = _handler()
    with pytest.raises(CellTimeout, match="stopped after"), time_limit(HOUR) as clock:
        signal.raise_signal(signal.SIGALRM)
    assert clock.expired
    assert _handler() is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_interrupt_that_is_caught_comes_again() -> None:
    with time_limit(HOUR) as clock:
        assert signal.getitimer(signal.ITIMER_REAL)[1] == 1.0
    assert not clock.expired


def test_processor_time_that_is_not_over_lets_a_cell_go_on() -> None:
    with time_limit(HOUR, waiting=10.0) as clock:
        signal.raise_signal(signal.SIGALRM)
        assert signal.getitimer(signal.ITIMER_REAL)[1] == 1.0
    assert not clock.expired


def _without_end(wait: Callable[[], None]) -> None:
    while True:
        wait()


@pytest.mark.parametrize("wait", [lambda: None, lambda: time.sleep(0.001)])
def test_computing_and_waiting_without_end_are_interrupted(wait: Callable[[], None]) -> None:
    with pytest.raises(CellTimeout), time_limit(0.05, waiting=4.0) as clock:
        _without_end(wait)
    assert clock.expired


def test_a_stopwatch_counts_computing_in_full_and_waiting_in_part() -> None:
    watch, clock, processor = Stopwatch(10.0), time.monotonic(), time.process_time()
    time.sleep(0.05)
    sum(range(100_000))
    computed, waited = time.process_time() - processor, time.monotonic() - clock
    assert watch.seconds() >= max(computed, waited / 10.0)
    later = (time.process_time() - processor) + (time.monotonic() - clock) / 10.0
    assert watch.seconds() <= later + 0.1


def test_a_shell_chooses_its_interrupt() -> None:
    with (
        pytest.raises(KeyboardInterrupt) as caught,
        time_limit(HOUR, lambda _: KeyboardInterrupt()),
    ):
        signal.raise_signal(signal.SIGALRM)
    assert type(caught.value) is KeyboardInterrupt
    assert not caught.value.args


def test_without_seconds_or_outside_the_main_thread_there_is_no_limit() -> None:
    before, inside = _handler(), []

    def run() -> None:
        with time_limit(HOUR):
            inside.append(_handler())

    with time_limit(None):
        inside.append(_handler())
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert inside == [before, before]


def _printed_by(code: str) -> list[str]:
    """Run code in a process of its own: a shell replaces its __main__."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "shell", ["notebook_shell import NotebookShell", "kernel import KernelShell"]
)
def test_what_cells_show_is_recorded_only_while_a_recorder_is_there(shell: str) -> None:
    assert _printed_by(
        f"from autograder.worker.{shell} as Shell\n"
        "from autograder.worker.recorder import Recorder\n"
        "shell, recorder = Shell.instance(), Recorder()\n"
        "shell.run_cell('display(1)')\n"
        "with shell.recording(recorder, echo=False):\n"
        "    shell.run_cell('print(2); display(3); 4')\n"
        "shell.run_cell('display(5)')\n"
        "print([output['output_type'] for output in recorder.take()])\n"
    ) == ["1", "5", "['stream', 'display_data', 'execute_result']"]


def test_an_interrupt_outside_of_a_cells_statements_is_an_output_of_the_cell() -> None:
    assert _printed_by(
        "from autograder.worker.kernel import KernelShell\n"
        "from autograder.worker.recorder import Recorder\n"
        "def interrupted(lines): raise KeyboardInterrupt\n"
        "shell = KernelShell.instance()\n"
        "shell.input_transformers_post.append(interrupted)\n"
        "with shell.recording(Recorder(), echo=False):\n"
        "    outputs, expired = shell.run('1', 3600.0)\n"
        "print([output['ename'] for output in outputs], expired)\n"
    ) == ["['KeyboardInterrupt'] False"]


def test_showing_the_interrupt_is_not_interrupted_by_the_next_alarm() -> None:
    assert _printed_by(
        "import signal\n"
        "from autograder.worker.kernel import KernelShell\n"
        "from autograder.worker.recorder import Recorder\n"
        "shell = KernelShell.instance()\n"
        "left = []\n"
        "def note(*_): left.append(signal.getitimer(signal.ITIMER_REAL)[0])\n"
        "shell._showtraceback = note\n"
        "with shell.recording(Recorder(), echo=False):\n"
        "    shell.run('1 / 0', 3600.0)\n"
        "    shell.run('import signal; signal.raise_signal(signal.SIGALRM)', 3600.0)\n"
        "print([seconds > 5.0 for seconds in left])\n"
    ) == ["[True, False]"]
