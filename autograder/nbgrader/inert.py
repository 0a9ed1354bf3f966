"""Makes students' notebooks inert in the HTML that nbconvert writes: no script runs, none loads.

What nbconvert 7.17 and nbgrader 0.9.6 do themselves, and where they leave a gap:

- Sources and streams of code cells, tracebacks, text/plain and text/latex are escaped; MathJax is
  loaded with its Safe extension; an SVG becomes the data of an <img>, where no script runs.
- HTMLExporter.sanitize_html leaves out JavaScript and widgets and cleans text/html with the filter
  clean_html. That knows neither table heads nor paragraphs, so it shows a DataFrame as markup.
- nbgrader's two templates put a Markdown cell's HTML out as it is, whatever sanitize_html says.
- An image's width and height, which the student chooses, stand unquoted in its tag: "1 onerror=..".
- The filter strip_files_prefix comes last and makes href="javascript:" of "files/javascript:".
- The formgrader serves what was handed in from its own address, pages with scripts too: no relative
  link may lead there, nor one of MathJax's \\href, whose Safe extension lets them pass.

The filters here take the place of clean_html and markdown2html; the preprocessor closes the other
gaps. Configuration sets them, which GenerateFeedback and the formgrader both read.
"""

from __future__ import annotations

import re
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.preprocessors import Preprocessor
from nbconvert.utils.base import NbConvertBase
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Bool

# Cleaning takes a quarter of a second for 200,000 characters of a table, and a minute for as many
# of nested tags: the time grows with the square of their depth.
_MOST, _DEEPEST, _MOST_IN_TAG = 200_000, 100, 1000
_TAGS = frozenset(
    "a abbr acronym b blockquote br caption center code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i"
    " img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot"
    " th thead tr tt u ul var".split()
)
# Of these none takes an address, which the browser would load, and none leaves its place.
_STYLES = frozenset(
    "background-color border-bottom-color border-collapse border-color border-left-color"
    " border-right-color border-top-color clear color direction display float font font-family"
    " font-size font-style font-variant font-weight height letter-spacing line-height overflow"
    " overflow-x text-align text-decoration text-indent unicode-bidi vertical-align white-space"
    " width".split()
)
_FREE = frozenset({"alt", "style", "title"})
_SMALL = re.compile(r"\d{1,4}%?|left|right|center|top|middle|bottom")
_SIZES = frozenset("align border colspan height rowspan start valign width".split())
# Of the page's own classes none: the formgrader finds its fields by them.
_CLASS = re.compile(r"highlight|dataframe|(?:hl|ansi)-[\w-]+|[a-z][a-z0-9]{0,2}")
_LINK = re.compile(r"https?://\S*|mailto:[^\s:]*|#[^\s:]*")
_REL = "noopener noreferrer"  # a link tells no other site where the formgrader is
_MATH_LINK = re.compile(r"\\href(?![A-Za-z])")
# Not from elsewhere: loading an image tells its owner who reads, or has the reader do something.
_DATA = r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]*"
_IMAGE = re.compile(rf"{_DATA}|(?!files/)(?:[\w%-][\w.%-]*/)*[\w.%-]+")
_TAG = re.compile(r"<(/?)([a-z][^\s/<>]*)")
_VOID = frozenset("br col hr img input link meta source wbr".split())
_VERBATIM, _VERBATIM_ENDS = ("<pre>", "<pre ", "<code>", "<code "), ("</pre>", "</code>")
_OPEN = re.compile(r"<[a-zA-Z].*", re.DOTALL)
# A tag or an end tag as nh3 writes it: in a text of its own every < is escaped.
_WRITTEN_TAG = re.compile(r'(<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")*>|</[a-z][a-z0-9]*>)')
_SEPARATOR = re.compile(r"[\s/=\"']")
_SILENT = re.compile(r"<(style|script)\b", re.IGNORECASE)
_SHOWN = (
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "text/latex",
    "image/png",
    "image/jpeg",
    "text/plain",
)


class Inert(Preprocessor):
    """Keeps the outputs and metadata that a reader needs, with numbers where numbers belong."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Reduce one notebook."""
        nb.metadata = _only(nb.metadata, "kernelspec", "language_info")
        for cell in nb.cells:
            cell.metadata = _only(cell.metadata, "nbgrader")
            if cell.cell_type == "code":
                cell.outputs = [_plain(output) for output in cell.outputs]
        return nb, resources


@pass_context
class Markdown(NbConvertBase):
    """nbconvert's filter markdown2html, with its result cleaned."""

    def __call__(self, context: Context, source: str) -> str:
        """Return the HTML of Markdown."""
        exporter: Any = self.parent
        return clean(exporter.markdown2html(context, source))


def clean(markup: object) -> str:
    """Return HTML of harmless elements and attributes only, the text of others kept.

    Without ids: the formgrader finds a cell's fields by them.
    """
    text = markup.decode("utf-8", "replace") if isinstance(markup, bytes) else str(markup)
    # nh3 takes no lone surrogates.
    text = _without_silent(text.encode("utf-8", "replace").decode())
    without_images = re.sub(_DATA, "", text)
    if len(without_images) > _MOST or _is_tangled(without_images):
        return "[HTML too long or too deep: not shown]"
    return _without_math_links(_CLEANER.clean(text))


def _harmless(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value where it is harmless, None where the attribute has to go."""
    if name == "href":
        is_harmless = tag == "a" and _LINK.fullmatch(value) is not None
    elif name == "src":
        is_harmless = tag == "img" and _IMAGE.fullmatch(value) is not None
    elif name == "class":
        is_harmless = all(_CLASS.fullmatch(word) for word in value.split())
    elif name == "rel":
        is_harmless = value == _REL
    else:
        is_harmless = name in _FREE or (name in _SIZES and _SMALL.fullmatch(value) is not None)
    return value if is_harmless else None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style"},
    attributes={"*": _FREE | _SIZES | {"class"}, "a": {"href"}, "img": {"src"}},
    attribute_filter=_harmless,
    url_schemes={"http", "https", "mailto", "data"},
    filter_style_properties=_STYLES,
    link_rel=_REL,
)


def _is_tangled(text: str) -> bool:
    """Whether tags are nested deeply (only an end tag closes) or a tag has very many attributes.

    From the < of a tag to the next > everything belongs to it.
    """
    tags = (_OPEN.search(piece) for piece in text.split(">"))
    if any(tag and len(_SEPARATOR.findall(tag[0])) > _MOST_IN_TAG for tag in tags):
        return True
    stack: list[str] = []
    for closes, name in _TAG.findall(text.lower()):
        if not closes and name not in _VOID:
            stack.append(name)
            if len(stack) > _DEEPEST:
                return True
        elif closes and name in stack:
            del stack[len(stack) - 1 - stack[::-1].index(name)]
    return False


def _without_math_links(text: str) -> str:
    """Show the address of a link within a formula as text, where MathJax looks for formulas."""
    pieces = _WRITTEN_TAG.split(text)  # text, tag, text, tag, ..., text
    verbatim = 0
    for number, piece in enumerate(pieces):
        if number % 2:
            opens, closes = piece.startswith(_VERBATIM), piece in _VERBATIM_ENDS
            verbatim += opens - closes
        elif not verbatim:
            pieces[number] = _MATH_LINK.sub(r"\\text", piece)
    return "".join(pieces)


def _without_silent(text: str) -> str:
    """Remove styles and scripts with their text: a table's styles do not count for its size."""
    kept, at = [], 0
    while start := _SILENT.search(text, at):
        kept.append(text[at : start.start()])
        end = re.compile(rf"</{start[1]}\b[^>]*>?", re.IGNORECASE).search(text, start.end())
        at = end.end() if end else len(text)
    return "".join([*kept, text[at:]])


def _only(metadata: NotebookNode, *names: str) -> NotebookNode:
    return NotebookNode({name: metadata[name] for name in names if name in metadata})


def _plain(output: NotebookNode) -> NotebookNode:
    if output.output_type not in ("display_data", "execute_result"):
        return output
    data = {kind: output.data[kind] for kind in _SHOWN if isinstance(output.data.get(kind), str)}
    if "text/latex" in data:
        data["text/latex"] = _MATH_LINK.sub(r"\\text", data["text/latex"])
    if not data and output.data:
        data["text/plain"] = f"[{', '.join(sorted(output.data))}: not shown]"
    sizes = {kind: _sizes(output.metadata.get(kind)) for kind in data}
    count = {} if output.output_type == "display_data" else {"execution_count": None}
    plain: NotebookNode = new_output(output.output_type, data, metadata=sizes, **count)
    return plain


def _sizes(metadata: object) -> dict[str, int | float]:
    """Return width and height where they are numbers."""
    sizes = metadata if isinstance(metadata, dict) else {}
    return {k: sizes[k] for k in ("width", "height") if type(sizes.get(k)) in (int, float)}
