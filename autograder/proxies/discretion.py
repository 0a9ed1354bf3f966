"""What a student may read of what their process says, once it holds what they may not see.

A function that a hidden check calls is given rows that the student never had, or the instructor's
model, and may put them into the text of an exception, the name of a class or the name of a layer.
From that call on, none of these reaches the student: only the kind of exception, the line of the
student's own code, and a cause in the grader's words. The instructor reads the text.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from autograder.proxies.responses import Failure
from autograder.text import coded, named, quoted

__all__ = ["MODEL", "Discretion", "OwnCode"]

MODEL = "your model"
"""What a sentence calls a model that was made by a function whose name it does not tell."""

_LINE = re.compile(r"line ([0-9]{1,6}) in ([^:\s]{1,100})(?:: (.*))?", re.DOTALL)
_WORD = re.compile(r"[^\W\d]\w*")
_OF_A_SCOPE = frozenset({"<module>", "<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>"})
_BUILT_IN = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)
# Of NumPy, TensorFlow and Keras: what homework runs into.
_OF_LIBRARIES = frozenset(
    "AxisError LinAlgError UFuncTypeError UFuncNoLoopError InvalidArgumentError UnknownError "
    "FailedPreconditionError UnimplementedError InternalError NotFoundError ResourceExhaustedError "
    "OperatorNotAllowedInGraphError InaccessibleTensorError UndefinedVariableError".split()
)
_PLAIN_NAMES = _BUILT_IN | _OF_LIBRARIES

# The first that fits: the kind of exception, a word of its text, and the cause in our words.
_CAUSES = (
    (("ValueError", "InvalidArgumentError"), "broadcast", "arrays of shapes that do not fit"),
    (("ValueError",), "reshape", "an array cannot take the shape that is asked for"),
    (("ValueError", "InvalidArgumentError"), "shape", "an array of another shape than is needed"),
    (("ValueError",), "unpack", "a tuple or list has more or fewer items than there are names"),
    (("ValueError",), "concat", "arrays that do not fit cannot be joined"),
    (("ValueError",), "ambiguous", "an array stands where a single yes or no is needed"),
    (("ValueError",), "convert", "a value cannot be turned into a number or an array"),
    (("ValueError", "RuntimeError"), "compile", "the model is not compiled as it needs to be"),
    (("ValueError", "RuntimeError"), "built", "a layer or model has no weights yet"),
    (("ValueError",), "", "a value is not one that the code can work with"),
    (("TypeError",), "not callable", "something that is no function is called"),
    (("TypeError",), "argument", "a function is called with other arguments than it takes"),
    (("TypeError",), "subscriptable", "something without items is indexed"),
    (("TypeError",), "iter", "something without items is gone through"),
    (("TypeError",), "operand", "values of kinds that do not fit are combined"),
    (("TypeError",), "", "a value is of another kind than the code needs"),
    (("AttributeError",), "nonetype", "None stands where an object is needed"),
    (("AttributeError",), "", "an object does not have the attribute or method that is asked for"),
    (("UnboundLocalError",), "", "a variable is used before it has a value"),
    (("NameError",), "", "a name is used that is not defined"),
    (("ModuleNotFoundError", "ImportError"), "", "a module cannot be imported while grading"),
    (("KeyError",), "", "a dict does not have the key that is asked for"),
    (("IndexError", "AxisError"), "", "an index or axis lies outside of what there is"),
    (("ZeroDivisionError",), "", "a number is divided by zero"),
    (("FloatingPointError", "OverflowError"), "", "a number is too large or not a number"),
    (("RecursionError",), "", "a function calls itself without an end"),
    (("AssertionError",), "", "an assert of your own does not hold"),
    (("FileNotFoundError",), "", "a file is not there while grading"),
    (("NotImplementedError",), "", "something is not written yet"),
    (("InvalidArgumentError",), "", "an operation is given values that it cannot work with"),
    (("StopIteration",), "", "there is no next item"),
    (("UnicodeError",), "", "text cannot be read in this encoding"),
)
_LEFT_OUT = "left out, since a hidden check or the instructor's model takes part"
_MOST_SAID = 600  # characters


@dataclass(frozen=True, slots=True)
class OwnCode:
    """The code that a student handed in: its lines and its words hold nothing of a hidden check."""

    lines: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    most: int = 0

    @classmethod
    def of(cls, sources: Iterable[str]) -> Self:
        """Return the code of these cells and modules."""
        texts = [source.splitlines() for source in sources]
        lines = frozenset(line.strip() for text in texts for line in text)
        words = frozenset(word for line in lines for word in _WORD.findall(line))
        return cls(lines, words, max(map(len, texts), default=0))

    def place(self, line: str) -> str:
        """Return a place such as "line 3 in f: x = 1" as far as the code has it."""
        found = _LINE.fullmatch(line)
        if not found or int(found[1]) > self.most:
            return ""
        if found[2] not in _OF_A_SCOPE and found[2] not in self.words:
            return ""
        text = (found[3] or "").strip()
        where = f"line {found[1]} in {found[2]}"
        return f"{where}: {text}" if text and text in self.lines else where


@dataclass(slots=True)
class Discretion:
    """What is told about one submission: everything at first, later what `code` lets be told.

    What was told before may be told again. `is_ours` says that the code is the instructor's
    solution, no line of which is for students.
    """

    code: OwnCode = field(default_factory=OwnCode)
    is_ours: bool = False
    is_hidden: bool = False
    _told: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.is_hidden = self.is_hidden or self.is_ours

    def hide(self) -> None:
        """Tell nothing more that the process may have made of what it is given from now on."""
        self.is_hidden = True

    def again(self, subject: str, *kind: str) -> str:
        """Return what was told of `subject` before, where it ended in the same way; '' if not."""
        return self._told.get((subject, *kind), "") if self.is_hidden else ""

    def remember(self, told: str, subject: str, *kind: str) -> str:
        """Return `told`, which may be told again where it holds nothing hidden."""
        if not self.is_hidden:
            self._told[subject, *kind] = told
        return told

    def subject(self, name: str) -> str:
        """Return a function's name as the subject of a sentence."""
        if name == MODEL:
            return "The instructor's model" if self.is_ours else "Your model"
        return f"The instructor's `{name}`" if self.is_ours else f"`{name}`"

    def type_name(self, name: str) -> str:
        """Return the name of a type of the student's."""
        if not self.is_hidden or name in self.code.words or name in _PLAIN_NAMES:
            return named(name)
        return "object"

    def place(self, line: str) -> str:
        """Return where an exception was raised, in brackets behind a blank; '' where unknown."""
        told = self.code.place(line) if self.is_hidden else line
        found = _LINE.fullmatch(told)
        if not found:
            return f" ({quoted(told)})" if told else ""
        scope = found[2] if found[2] in _OF_A_SCOPE else named(found[2])
        return f" (line {found[1]} in {scope}" + (f": {coded(found[3])})" if found[3] else ")")

    def raised(self, error: Failure) -> str:
        """Return the type of an exception, and what it says as a quotation."""
        if self.is_hidden:
            return self._kind(error)
        first = error.message.strip().splitlines()[:1]
        return f"{named(error.type)}: {quoted(first[0])}" if first else named(error.type)

    def cause(self, error: Failure) -> str:
        """Return the end of a sentence on an exception whose text is not told, '' of any other."""
        if not self.is_hidden:
            return ""
        kinds = {self._kind(error), *error.bases}
        text = error.message.casefold()
        causes = (told for names, word, told in _CAUSES if kinds & set(names) and word in text)
        cause = next(causes, "")
        return f"{': ' if cause else ''}{cause}. Its text is {_LEFT_OUT}."

    def because(self, words: str) -> str:
        """Return what the process says of a failure as the end of a sentence, which is quoted."""
        if self.is_hidden:
            return f" (why is {_LEFT_OUT})"
        return f". Your own process, which reads it, says: {quoted(words, _MOST_SAID)}"

    def _kind(self, error: Failure) -> str:
        """Return the nearest class that the student's code names, or that everybody knows."""
        known = _PLAIN_NAMES | self.code.words
        kinds = (name for name in (error.type, *error.bases) if name in known)
        return named(next(kinds, "Exception"))
