"""A bar chart as SVG: a group of bars for each case, each case with a scale of its own."""

from html import escape

from units import value_text

COLOURS = {"ikev2d": "#1f6f8b", "wireguard-go": "#8a3ffc", "strongSwan": "#c0562f", "veth": "#9a9a9a"}
WIDTH, LABELS, BAR, STEP, GROUP = 960, 290, 16, 21, 44
FIGURES = 160  # room for the figure behind the longest bar


def _text(x, y, words, style="", anchor="start"):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def _group(table, top):
    """The bars of one case, and where the next begins."""
    rows = [(contender, summary) for contender, summary in table.rows if summary.kept]
    most = max((summary.most for _, summary in rows), default=0) or 1
    scale = (WIDTH - LABELS - FIGURES) / most
    less = "" if table.case.more_is_better else "; less is better"
    parts = [_text(10, top + 18, f"{table.case.title} ({table.case.unit}{less})", ' font-weight="bold"')]
    y = top + 30
    for contender, summary in rows:
        length = max(1, round(summary.median * scale, 1))
        parts.append(_text(LABELS - 8, y + 12, contender.label, anchor="end"))
        parts.append(f'<rect x="{LABELS}" y="{y}" width="{length}" height="{BAR}" fill="{COLOURS[contender.kind]}"/>')
        left, right = LABELS + summary.least * scale, LABELS + summary.most * scale
        parts.append(f'<path d="M{left:.1f} {y + BAR / 2}H{right:.1f}" stroke="#222" stroke-width="1.5"/>')
        parts.append(_text(round(max(right, LABELS + length) + 6, 1), y + 12, value_text(summary.median)))
        y += STEP
    return parts, y + GROUP - 30


def svg(tables):
    """The picture of all cases but those that are measured once."""
    parts, y = [], 8
    for table in tables:
        if not table.case.once and any(summary.kept for _, summary in table.rows):
            group, y = _group(table, y)
            parts += group
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" '
            'font-family="sans-serif" font-size="13" fill="#222">\n'
            f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n")
