"""XML from outside: the bytes become text, a document type is refused, and only then does a parser see them.

A document type (DOCTYPE) can define entities that grow without end or read other files, so none is accepted,
in whatever encoding it is written; no format read here needs one. Every later parser is given UTF-8 made
from the text that was looked at, never the file itself.
"""

import codecs
import re
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

from mrdkit.errors import InputError
from mrdkit.files import unreadable

__all__ = ["Element", "bytes_of", "local_name", "read_xml", "xml_from"]

#: An element of lxml, which has no types.
Element: TypeAlias = Any

_LARGEST = 256 * 1024 * 1024  # bytes; a workspace of hundreds of samples has about 100 MB

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
#: Encodings in which "<" is one byte and no byte sequence hides one.
_BY_NAME = {"utf-8", "ascii", "iso8859-1", "cp1252"}
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_DOCUMENT_TYPE = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_xml(path: Path) -> Element:
    """Read an XML file and return its root element.

    Raises:
        InputError: the file cannot be read, is too large, has a document type or is no well-formed XML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    return xml_from(content)


def xml_from(content: bytes) -> Element:
    """Return the root element of an XML document, without comments.

    Raises:
        InputError: too large, a document type, an encoding that is not read, or not well formed.
    """
    if len(content) > _LARGEST:
        raise InputError(
            "the XML file is too large", code="XML_TOO_LARGE", expected=f"at most {_LARGEST} bytes"
        )
    text = _text_of(content)
    if _DOCUMENT_TYPE.search(text):
        raise InputError(
            "the XML file has a document type or defines entities, which can read other files",
            code="XML_DOCTYPE",
            remedy="remove the <!DOCTYPE ...> part; no strategy needs one",
        )
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    body = _DECLARATION.sub("", text, count=1) if _DECLARATION.match(text) else text
    try:
        return etree.fromstring(body.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        line = getattr(error, "lineno", None)
        raise InputError(
            "the file is not well-formed XML",
            code="XML_MALFORMED",
            place=None if line is None else f"line {line}",
            found=str(error),
        ) from None


def bytes_of(root: Element) -> bytes:
    """Return a tree as UTF-8 for another parser."""
    return bytes(etree.tostring(root, encoding="utf-8"))


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(etree.QName(element).localname)


def _text_of(content: bytes) -> str:
    encoding, mark = _encoding_of(content)
    try:
        return content[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            "the XML file is not text in the encoding that it declares",
            code="XML_ENCODING",
            place=f"byte {mark + error.start}",
            expected=encoding,
        ) from None


def _encoding_of(content: bytes) -> tuple[str, int]:
    """Return the encoding and the length of the byte order mark."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, len(mark)
    for start, encoding in _UNMARKED:
        if content.startswith(start):
            return encoding, 0
    declared = _ENCODING.match(content[:1024])
    name = "utf-8" if declared is None else declared[1].decode("ascii")
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if encoding not in _BY_NAME:
        raise InputError(
            "the XML file declares an encoding that is not read",
            code="XML_ENCODING",
            expected="UTF-8, UTF-16, US-ASCII, ISO-8859-1 or windows-1252",
            found=name,
            remedy="save it as UTF-8",
        )
    return encoding, 0
