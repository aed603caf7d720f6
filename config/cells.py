"""Cells of CSV files: none that a spreadsheet takes for a formula."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BLANKS_AND_QUOTES = " \t\r\n\v\f\u00a0\ufeff'\""

Cell = str | int | float | None


def safe(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula: such text gets an apostrophe, numbers stay numbers."""
    if not isinstance(cell, str) or not cell:
        return cell
    text = cell.replace("\0", "")
    return f"'{text}" if _is_formula(text) else text


def unsafe(cell: str) -> str:
    """The text that `safe` was given, less its NULs."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def _is_formula(text: str) -> bool:
    return text.startswith(FORMULA) or text.lstrip(BLANKS_AND_QUOTES).startswith(FORMULA)
