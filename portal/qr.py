"""The QR code of a page's address, drawn once and small."""

import segno
from markupsafe import Markup


def svg(address: str) -> Markup:
    """An inline SVG, black on white in every theme so that a phone reads it, with the quiet zone of the norm (4)."""
    code = segno.make_qr(address, error="m")
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn)
