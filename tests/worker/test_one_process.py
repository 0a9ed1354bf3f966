"""Work that libraries share out among processes is done, in order, in the only process there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.errors import StudentError
from autograder.limits import Limits
from autograder.proxies.confined import ConfinedEvaluator, ConfinedStudent, Source
from autograder.proxies.student import Student
from autograder.result import Outcome
from autograder.sandbox.spawn import Station

pytestmark = pytest.mark.slow

SQUARES = [0, 1, 4, 9]
HEAD = """
import concurrent.futures, multiprocessing, multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool, Process, Queue
from sklearn.linear_model import LinearRegression, Ridge, SGDRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score
import joblib
import numpy as np
X = np.arange(24.0).reshape(12, 2) ** 1.5 % 7
Y = X.sum(axis=1)
seen = []
def square(x):
    seen.append(x)
    return x * x
def put(queue, x):
    queue.put(x * x)
def add(total, x):
    with total.get_lock():
        total.value += x
def fill(table, x):
    table[x] = x * x
"""
# Each function does with processes what a loop does.
IDIOMS = {
    "pool_map": "with Pool(4) as p:\n        return p.map(square, range(4))",
    "pool_star": "with mp.Pool(processes=2, maxtasksperchild=1) as p:\n"
    "        return p.starmap(pow, [(k, 2) for k in range(4)])",
    "pool_imap": "p = multiprocessing.Pool()\n    found = list(p.imap(square, range(4)))\n"
    "    p.close(); p.join()\n    return found",
    "pool_async": "with Pool(2, initializer=seen.append, initargs=(9,)) as p:\n"
    "        jobs = [p.apply_async(square, (k,)) for k in range(4)]\n"
    "        return [job.get(timeout=20) for job in jobs]",
    "context_pool": "with mp.get_context('spawn').Pool(4) as p:\n"
    "        return p.map(square, range(4))",
    "executor": "with ProcessPoolExecutor(max_workers=4) as e:\n"
    "        return list(e.map(square, range(4), chunksize=2))",
    "executor_of_context": "with concurrent.futures.ProcessPoolExecutor(\n"
    "        2, mp_context=mp.get_context('fork')) as e:\n"
    "        return [f.result() for f in [e.submit(square, k) for k in range(4)]]",
    "threads": "with ThreadPoolExecutor(4) as e:\n        return list(e.map(square, range(4)))",
    "processes": "q = Queue()\n    ps = [Process(target=put, args=(q, k)) for k in range(4)]\n"
    "    [p.start() for p in ps]; found = sorted(q.get(timeout=20) for _ in ps)\n"
    "    [p.join() for p in ps]; q.close(); assert [p.exitcode for p in ps] == [0] * 4\n"
    "    return found",
    "own_process": "class Own(mp.Process):\n        def run(self): fill(table, 3)\n"
    "    table = {}\n    p = Own(daemon=True); p.start(); p.join(); p.terminate()\n"
    "    return [0, 1, 4, table[3]]",
    "value": "total = mp.Value('i', 0)\n"
    "    ps = [mp.Process(target=add, args=(total, k)) for k in (2, 3, 4)]\n"
    "    [p.start() for p in ps]; [p.join() for p in ps]\n    return [0, 1, 4, total.value]",
    "array": "table = mp.Array('i', 4)\n    with Pool(2) as p:\n"
    "        p.starmap(fill, [(table, k) for k in range(4)])\n    return list(table[:])",
    "manager": "with mp.Manager() as m:\n        table = m.dict()\n"
    "        ps = [mp.Process(target=fill, args=(table, k)) for k in range(4)]\n"
    "        [p.start() for p in ps]; [p.join() for p in ps]\n"
    "        with m.Lock():\n            return [table[k] for k in sorted(table)]",
    "pipe": "near, far = mp.Pipe()\n    far.send(9)\n    return [0, 1, 4, near.recv()]",
    "joblib_default": "return joblib.Parallel(n_jobs=-1)(\n"
    "        joblib.delayed(square)(k) for k in range(4))",
    "joblib_loky": "return joblib.Parallel(n_jobs=2, backend='loky', prefer='processes')(\n"
    "        joblib.delayed(square)(k) for k in range(4))",
    "joblib_multiprocessing": "with joblib.parallel_config('multiprocessing', n_jobs=2):\n"
    "        return joblib.Parallel()(joblib.delayed(square)(k) for k in range(4))",
    "joblib_generator": "return list(joblib.Parallel(n_jobs=2, return_as='generator')(\n"
    "        joblib.delayed(square)(k) for k in range(4)))",
    "cross_validation": "a = cross_val_score(LinearRegression(), X, Y, cv=3, n_jobs=-1)\n"
    "    b = cross_val_score(LinearRegression(), X, Y, cv=3)\n"
    "    return [0, 1, 4, 9 * bool((a == b).all())]",
    "grid": "g = GridSearchCV(Ridge(), {'alpha': [0.1, 1.0]}, n_jobs=4).fit(X, Y)\n"
    "    return [0, 1, 4, 9 * (g.best_params_['alpha'] == 0.1)]",
    "forest": "f = RandomForestRegressor(5, n_jobs=-1, random_state=0).fit(X, Y)\n"
    "    return [0, 1, 4, 9 * (f.predict(X).shape == (12,))]",
    "data": "import tensorflow as tf\n    d = tf.data.Dataset.range(4)\n"
    "    d = d.map(lambda k: k * k, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)\n"
    "    return [int(k) for k in d]",
    "generator": "import tensorflow as tf\n"
    "    d = tf.data.Dataset.from_generator(lambda: map(square, range(4)), output_types=tf.int64)\n"
    "    return [int(k) for k in d.interleave(tf.data.Dataset.from_tensors, cycle_length=2,\n"
    "        num_parallel_calls=2)]",
}
CLOSED = {
    "forks": "import os\n    os.fork()",
    "starts": "import subprocess\n    subprocess.run(['ls'])",
    "writes": "open('/kaggle.txt', 'w')",
    "saves": "import h5py\n    h5py.File('/model.h5', 'w')",
    "checkpoints": "import tensorflow as tf\n"
    "    tf.train.Checkpoint(v=tf.Variable(1.0)).write('/kaggle/working/check')",
    "logs": "import tensorflow as tf\n    tf.summary.create_file_writer('/kaggle/logs').init()",
    "in_a_graph": "import tensorflow as tf\n    d = tf.data.Dataset.range(2)\n"
    "    return list(d.map(lambda k: tf.py_function(\n"
    "        lambda _: open('/kaggle', 'w'), [k], k.dtype)))",
}


@pytest.fixture(scope="module")
def student(warm: Station) -> Iterator[Student]:
    """A submission whose functions share work out, or run against the walls."""

    functions = {**IDIOMS, **CLOSED}.items()
    code = HEAD + "".join(f"def {name}():\n    {body}\n" for name, body in functions)
    with warm.lease() as lease:
        evaluator = ConfinedEvaluator(lease, Limits())
        backend = ConfinedStudent(
            lease, Source(({"source": code, "skip": False},), {}, 0), Limits()
        )
        yield Student(backend, evaluator, 0)
        backend.close()


@pytest.mark.parametrize("name", IDIOMS)
def test_shared_work_is_done(student: Student, name: str) -> None:
    assert list(student.call(name)) == SQUARES


@pytest.mark.parametrize("name", CLOSED)
def test_a_wall_is_told_as_a_wall(student: Student, name: str) -> None:
    with pytest.raises(StudentError) as caught:
        student.call(name)
    assert caught.value.outcome is Outcome.BLOCKED, caught.value.message
    assert "which is closed while grading" in caught.value.message
    assert "{{" not in caught.value.message
    assert "Graph execution error" not in caught.value.message
