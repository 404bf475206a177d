"""Charts drawn when the site is built: SVG in the page, in its own colours, each beside a table that equals it."""

from collections.abc import Sequence
from decimal import Decimal

import altair as alt
import vl_convert
from markupsafe import Markup

# Told apart without colour too: by their dashes.
INKS = ("#2a72b0", "#b3591f", "#3d8056", "#7d5ba6")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])

Point = tuple[str, str, Decimal | None]


def lines(points: Sequence[Point], unit: str, label: str) -> Markup:
    """Lines over months or years as an inline SVG; '' for nothing to draw. What is not known breaks the line.

    points: (place on the axis, name of the line, value), in the order of the axis. unit: title of the vertical axis,
    which starts at 0. label: what the chart shows, for who does not see it.
    """
    if not any(value is not None for _, _, value in points):
        return Markup()
    names = list(dict.fromkeys(name for _, name, _ in points))
    values = [
        {"x": place, "serie": name, "y": None if value is None else float(value)} for place, name, value in points
    ]
    inks = alt.Scale(domain=names, range=list(INKS[: len(names)]))
    dashes = alt.Scale(domain=names, range=list(DASHES[: len(names)]))
    below = alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=8)
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(point={"size": 18}, strokeWidth=2)
        .encode(
            x=alt.X("x:O", sort=None, title=None, axis=below),
            y=alt.Y("y:Q", title=unit, scale=alt.Scale(zero=True)),
            color=alt.Color("serie:N", scale=inks, sort=names, title=None),
            strokeDash=alt.StrokeDash("serie:N", scale=dashes, sort=names, title=None),
        )
        .properties(width=420, height=190, description=label)
        .configure(background="transparent", font="system-ui, sans-serif")
        .configure_axis(
            labelColor="currentColor", titleColor="currentColor", domainColor="currentColor", tickColor="currentColor",
            gridColor="currentColor", gridOpacity=0.15, labelFontSize=13, titleFontSize=13, titleFontWeight="normal",
        )
        .configure_legend(
            symbolType="stroke", symbolStrokeWidth=2, symbolSize=300, columnPadding=24,
            labelColor="currentColor", orient="top", labelFontSize=13)
        .configure_view(stroke=None)
    )  # fmt: skip
    drawn = vl_convert.vegalite_to_svg(chart.to_dict(), format_locale="es-ES")
    return Markup(drawn)
