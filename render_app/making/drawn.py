"""Drawings → RGBA pictures, by Skia. The same drawing gives the same bytes. Loaded by what draws: Skia is slow to load."""

from collections.abc import Mapping, Sequence
from typing import Any

import skia

Drawing = Mapping[str, Any]


def text_png(of: Drawing, font: bytes, fallbacks: Sequence[bytes] = ()) -> bytes:
    """Glyphs at their places, in their font and in those that have what it lacks. Emoji in color have no outline."""
    surface = skia.Surface(of["width"], of["height"])
    parts = [(of, font), *zip(of.get("fallbacks", ()), fallbacks, strict=True)]
    blobs = [(part, _blob(part, data, of["size"])) for part, data in parts if part["glyphs"]]
    canvas = surface.getCanvas()
    if "outline" in of:
        for part, blob in blobs:
            if not part.get("color"):
                canvas.drawTextBlob(blob, 0, 0, _outlining(of["outline"]))
    for _, blob in blobs:
        canvas.drawTextBlob(blob, 0, 0, _paint(of["fill"]))
    return _encoded(surface)


def _blob(part: Drawing, font: bytes, size: float) -> Any:
    face = skia.Typeface.MakeFromData(skia.Data.MakeWithCopy(font))
    drawn = skia.Font(_at(face, part["axes"]), size)
    drawn.setEdging(skia.Font.Edging.kAntiAlias)
    drawn.setHinting(skia.FontHinting.kNone)
    drawn.setSubpixel(True)
    builder = skia.TextBlobBuilder()
    places = [skia.Point(x, y) for _, x, y in part["glyphs"]]
    builder.allocRunPos(drawn, [glyph for glyph, *_ in part["glyphs"]], places)
    return builder.make()


def vector_png(of: Drawing) -> bytes:
    """Shapes over each other, each filled first and stroked then."""
    surface = skia.Surface(of["width"], of["height"])
    canvas = surface.getCanvas()
    canvas.scale(of["scale"], of["scale"])
    paths = [_path(one) for one in of["outlines"]]
    for op in of["ops"]:
        paths.append(_joined(op["op"], [paths[number] for number in op["of"]]))
    for shape in of["drawn"]:
        path = paths[shape["outline"]]
        if shape["fill"]:
            canvas.drawPath(path, _paint(shape["fill"], shape["opacity"]))
        if shape["stroke"]:
            stroke = _paint(shape["stroke"], shape["opacity"])
            stroke.setStyle(skia.Paint.kStroke_Style)
            stroke.setStrokeWidth(shape["stroke_width"])
            canvas.drawPath(path, stroke)
    return _encoded(surface)


def _at(face: Any, axes: Mapping[str, float]) -> Any:
    """A variable font where its axes stand."""
    if not axes:
        return face
    of = skia.FontArguments.VariationPosition
    places = of.Coordinates([of.Coordinate(int.from_bytes(tag.encode(), "big"), at) for tag, at in axes.items()])
    # Skia keeps no copy of these, so they live until the font is made.
    position, arguments = of(places), skia.FontArguments()
    arguments.setVariationDesignPosition(position)
    return face.makeClone(arguments)


def _paint(color: str, opacity: float = 1) -> Any:
    """#rrggbb or #rrggbbaa as a paint."""
    red, green, blue, *alpha = bytes.fromhex(color[1:])
    paint = skia.Paint(AntiAlias=True, Color=skia.Color(red, green, blue))
    paint.setAlphaf((alpha[0] / 255 if alpha else 1) * opacity)
    return paint


def _outlining(line: Mapping[str, Any]) -> Any:
    """A line that lies half under the letters, which are drawn over it."""
    paint = _paint(line["color"])
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(2 * line["width"])
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    return paint


def _encoded(surface: Any) -> bytes:
    return bytes(surface.makeImageSnapshot().encodeToData())


def _joined(op: str, paths: Sequence[Any]) -> Any:
    """The first of some paths with the rest joined, cut out, or cut to."""
    kinds = {
        "union": skia.PathOp.kUnion_PathOp, "difference": skia.PathOp.kDifference_PathOp,
        "intersection": skia.PathOp.kIntersect_PathOp, "xor": skia.PathOp.kXOR_PathOp,
    }  # fmt: skip
    whole, *rest = paths
    for other in rest:
        whole = skia.Op(whole, other, kinds[op]) or skia.Path()
    return whole


def _path(of: Mapping[str, Any]) -> Any:
    path = _outline(of)
    path.offset(*((0, 0) if of["type"] in ("rect", "ellipse") else (of["x"], of["y"])))
    if of["rotation"]:
        bounds = path.getBounds()
        turn = skia.Matrix()
        turn.setRotate(of["rotation"], bounds.centerX(), bounds.centerY())
        path.transform(turn)
    return path


def _outline(of: Mapping[str, Any]) -> Any:
    path = skia.Path()
    if of["type"] in ("rect", "ellipse"):
        box = skia.Rect.MakeXYWH(of["x"], of["y"], of["width"], of["height"])
        if of["type"] == "ellipse":
            path.addOval(box)
        else:
            path.addRoundRect(box, of["radius"], of["radius"])
    elif of["type"] == "path":
        steps = {
            "moveTo": path.moveTo, "lineTo": path.lineTo, "curveTo": path.cubicTo, "qCurveTo": path.quadTo,
            "closePath": path.close, "endPath": lambda: None,
        }  # fmt: skip
        for name, *numbers in of["steps"]:
            steps[name](*numbers)
    else:
        path.addPoly([skia.Point(*point) for point in of["points"]], of["type"] == "polygon")
    return path
