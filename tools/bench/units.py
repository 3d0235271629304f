"""Numbers as text, for tables and charts."""


def value_text(value):
    """Three digits that count, as far as that needs a fraction."""
    if value is None:
        return "-"
    if value == int(value) and value < 100:
        return f"{value:.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio_text(ours, theirs):
    if ours is None or not theirs:
        return "-"
    return f"{value_text(round(ours / theirs, 2))}x"
