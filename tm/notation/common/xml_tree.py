"""XML as a tree of elements with their places; entities and whatever else could grow or reach outside are refused."""

from __future__ import annotations

import re
import xml.sax.handler
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from xml.sax import SAXParseException
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException

from tm.errors import MachineError, Problem

__all__ = ["Element", "escaped", "is_xml_text", "share_of_tags", "tree", "typed_structures"]

MOST_ELEMENTS = 300_000
"""Of one text: a transition of a JFLAP file has six."""
DEEPEST = 200
"""Levels of nesting, of which a building block takes two."""
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<([A-Za-z_][\w.-]*)")
_ENCODING = re.compile(r"""<\?xml[^>]*?(\bencoding\s*=\s*(?:"[^">]*"|'[^'>]*'))""")
_TYPED = re.compile(r"<structure\s[^<>]*\btype\s*=")


@dataclass
class Element:
    """An element: its tag, attributes, children, the text directly in it, and where it begins, from 1."""

    tag: str
    line: int
    column: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Its line and column."""
        return self.line, self.column

    def all(self, *tags: str) -> list[Element]:
        """The children with one of the tags."""
        return [child for child in self.children if child.tag in tags]

    def first(self, tag: str) -> Element | None:
        """The first child with a tag."""
        return next(iter(self.all(tag)), None)

    def text_of(self, tag: str, default: str = "") -> str:
        """The text of the first child with a tag, without white space around it."""
        child = self.first(tag)
        return child.text.strip() if child else default

    def every(self, tag: str) -> Iterator[Element]:
        """All elements with a tag, at whatever depth."""
        open_elements = [self]
        while open_elements:
            element = open_elements.pop()
            if element.tag == tag:
                yield element
            open_elements.extend(reversed(element.children))


def tree(text: str, source: str | None = None) -> Element:
    """The root element of an XML text.

    Raises MachineError, with the place, for what is no XML, for entities, and for what is far too deep.

    >>> tree("<structure><type>turing</type></structure>").text_of("type")
    'turing'
    """
    from defusedxml.sax import parseString  # it loads what could read from the internet, for most users in vain

    builder = _Builder(source)
    try:
        parseString(_undeclared(text).encode("utf-8", "surrogatepass"), builder, forbid_dtd=False)
    except SAXParseException as error:
        line, column = error.getLineNumber() or 1, (error.getColumnNumber() or 0) + 1
        rows = text.split("\n")
        row = rows[min(line, len(rows)) - 1].replace("\t", " ")[:300]
        raise MachineError(
            Problem(f"this is no XML: {error.getMessage()}", "", "", "", source, line, column, row)
        ) from None
    except DefusedXmlException as error:
        hint = "take the <!DOCTYPE ...> out"
        raise MachineError(Problem("entities are not read", found=str(error)[:100], hint=hint, source=source)) from None
    except MachineError:
        raise
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise MachineError(Problem("this is no XML", found=str(error)[:100], source=source)) from None
    if builder.root is None:
        raise MachineError(Problem("the text holds no element", source=source))
    return builder.root


def escaped(text: str) -> str:
    """A text as it stands between tags; as `xml.sax.saxutils.escape`, which loads as much as a parser.

    >>> escaped("a < b & c")
    'a &lt; b &amp; c'
    """
    return text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")


def _undeclared(text: str) -> str:
    """The text without the encoding that it declares, which it had as bytes; every place is where it was."""
    match = _ENCODING.match(text)
    return text[: match.start(1)] + " " * len(match[1]) + text[match.end(1) :] if match else text


class _Builder(xml.sax.handler.ContentHandler):
    """Builds the tree, without recursion. Raises MachineError for far too many elements, and for far too deep ones."""

    def __init__(self, source: str | None) -> None:
        super().__init__()
        self.root: Element | None = None
        self._count, self._source = 0, source
        self._locator: Locator | None = None
        self._open: list[Element] = []
        self._texts: list[list[str]] = []  # of each open element, in the pieces that the parser gives

    def setDocumentLocator(self, locator: Locator) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        line, column = 1, 0
        if self._locator is not None:
            line, column = self._locator.getLineNumber() or 1, self._locator.getColumnNumber() or 0
        element = Element(name, line, column + 1, dict(attrs.items()))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])
        self._count += 1
        if len(self._open) > DEEPEST or self._count > MOST_ELEMENTS:
            message = "nested too deeply" if len(self._open) > DEEPEST else f"more than {MOST_ELEMENTS:,} elements"
            raise MachineError(Problem(message, source=self._source, line=line))

    def characters(self, content: str) -> None:
        if self._texts:
            self._texts[-1].append(content)

    def endElement(self, name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())


def is_xml_text(name: str) -> bool:
    r"""Whether a name can stand in XML as it is: printable, with no white space around it.

    >>> is_xml_text("a b"), is_xml_text(" a"), is_xml_text("\x01")
    (True, False, False)
    """
    return name.isprintable() and name.strip() == name


def share_of_tags(text: str, roots: Collection[str], known: Collection[str] | None) -> float:
    """The share of a text's elements, broken ones too, that are among those known (None: all), times that of its lines
    that begin with one; 0 where none is a root.

    >>> share_of_tags("<a><b/><c/></a>", {"a"}, {"a", "b"}), share_of_tags("text <a>", {"a"}, {"a"})
    (0.6666666666666666, 0.0)
    """
    text = _COMMENT.sub("", text)
    tags = _TAG.findall(text)
    lines = [line for line in text.lstrip("\ufeff").split("\n") if line.strip()]
    if not any(tag in roots for tag in tags):
        return 0.0
    begun = sum(line.lstrip().startswith("<") for line in lines) / len(lines)
    return begun * sum(known is None or tag in known for tag in tags) / len(tags)


def typed_structures(text: str) -> bool:
    """Whether elements called `structure` say their type in an attribute, as in JFLAP 8.

    >>> typed_structures('<structure type="turing">'), typed_structures("<structure><type>turing</type>")
    (True, False)
    """
    return bool(_TYPED.search(_COMMENT.sub("", text)))
