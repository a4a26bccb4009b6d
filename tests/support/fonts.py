"""A font made for tests: three letters and a ligature, in a weight of 100 to 900, drawn by hand as boxes."""

from functools import cache
from io import BytesIO

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables.TupleVariation import TupleVariation

EM = 1000
#: Letter → its width; the stem of each is as wide as the font is heavy.
ADVANCES = {".notdef": 500, "space": 300, "a": 600, "b": 700, "a_b": 1000}
THIN, HEAVY = 100, 500


@cache
def boxes() -> bytes:
    """`a` and `b` are stems 700 high, `THIN` wide at weight 100 and `HEAVY` at 900; `ab` is one glyph of its own."""
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(ADVANCES))
    builder.setupCharacterMap({0x20: "space", ord("a"): "a", ord("b"): "b"})
    builder.setupGlyf({name: _stem() if name not in ("space",) else TTGlyphPen(None).glyph() for name in ADVANCES})
    builder.setupHorizontalMetrics({name: (advance, 50) for name, advance in ADVANCES.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupFvar([("wght", 100, 100, 900, "Weight")], [])
    wider = [(0, 0), (0, 0), (HEAVY - THIN, 0), (HEAVY - THIN, 0), *[(0, 0)] * 4]
    variation = {"wght": (0.0, 1.0, 1.0)}
    builder.setupGvar({name: [TupleVariation(variation, wider)] for name in ADVANCES if name != "space"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    addOpenTypeFeaturesFromString(builder.font, "feature liga { sub a b by a_b; } liga;")
    file = BytesIO()
    builder.save(file)
    return file.getvalue()


def _stem():
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    pen.lineTo((50, 700))
    pen.lineTo((50 + THIN, 700))
    pen.lineTo((50 + THIN, 0))
    pen.closePath()
    return pen.glyph()
