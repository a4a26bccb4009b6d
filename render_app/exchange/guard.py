"""Edits that come from outside: taken apart here, so that none of them reads a file, grows without end or ends in anything but a sentence."""

import json
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from media_app.core.time.timebase import NTSC_24, NTSC_30, NTSC_60
from render_app.core.exchange.found import BadEdit

MOST_BYTES = 20 << 20
MOST_ELEMENTS = 500_000
MOST_DEPTH = 60
#: Longer than any timeline, short enough to be counted exactly.
MOST_SECONDS = 10_000_000
ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
_KNOWN = (NTSC_24, NTSC_30, NTSC_60, Fraction(48_000, 1001), Fraction(120_000, 1001))


def text_of(body: bytes) -> str:
    """A file as text. Raises BadEdit."""
    if len(body) > MOST_BYTES:
        raise BadEdit(f"The file has {len(body):,} bytes; an edit has at most {MOST_BYTES:,}.", field="file")
    if body.startswith(ARCHIVES):
        raise BadEdit("The file is an archive. Unpack it and send the edit inside.", field="file")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadEdit("The file is not UTF-8 text. Export the edit again as UTF-8.", field="file") from None


def json_of(body: bytes) -> Any:
    """A JSON document. Raises BadEdit."""
    try:
        return json.loads(text_of(body), parse_constant=_no_number)
    except RecursionError:
        raise BadEdit("The file is nested too deeply to be an edit.", field="file") from None
    except ValueError as error:
        raise BadEdit(f"The file is not JSON: {str(error)[:200]}.", field="file") from None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def xml_of(body: bytes) -> ET.Element:
    """The root of an XML document without entities and without a DTD of its own. Raises BadEdit."""
    return _Tree().parse(text_of(body))


class _Tree:
    """An expat parser that refuses whatever could grow or reach out, before it does."""

    def __init__(self) -> None:
        self._builder = ET.TreeBuilder()
        self._depth = self._count = 0
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._builder.data
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity  # type: ignore[assignment]
        self._parser = parser

    def parse(self, text: str) -> ET.Element:
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            raise BadEdit(f"The file is not XML: {error}.", field="file") from None
        return self._builder.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._depth > MOST_DEPTH or self._count > MOST_ELEMENTS:
            raise BadEdit("The file has too many elements, or they are nested too deeply, to be an edit.", field="file")
        self._builder.start(name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name)

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        if internal or system or public:
            self._entity()

    def _entity(self, *declared: Any) -> None:
        raise BadEdit(
            "The file declares entities or a DTD, which is not accepted. Export the edit again.", field="file"
        )


def exact_rate(value: float) -> Fraction:
    """The rate that a decimal stands for: 29.97 is 30000/1001. Raises BadEdit."""
    if not 1 <= value <= 400_000:
        raise BadEdit(f"{value:g} is not a frame rate.", field="file")
    known = next((rate for rate in _KNOWN if abs(rate - Fraction(value)) < Fraction(1, 200)), None)
    return known or Fraction(value).limit_denominator(1001)


def seconds_within(seconds: Fraction) -> Fraction:
    """A time that an edit can have. Raises BadEdit."""
    if abs(seconds) > MOST_SECONDS:
        raise BadEdit("A time in the file is longer than any edit.", field="file")
    return seconds
