"""What one cell may hold: functions from stripped, non-blank text to a value, or CellError."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# What the catalog's columns hold.
MAX_NAME_CHARS = 255
MAX_VENDOR_CHARS = 120
# Of a category, a brand, an option's value.
MAX_LABEL_CHARS = 100
MAX_OPTION_NAME_CHARS = 50
# Of all a variant's option names and values, which the catalog also keeps as one key.
MAX_OPTIONS_CHARS = 450
MAX_TAG_CHARS = 50
MAX_BARCODE_CHARS = 64
MAX_ALT_CHARS = 500
MAX_URL_CHARS = 1000
MAX_EXTERNAL_URL_CHARS = 500
MAX_DESCRIPTION_CHARS = 100_000
# What PostgreSQL's integer holds.
MAX_INTEGER = 2**31 - 1

# A spreadsheet runs a cell that begins with one of these.
FORMULA_TRIGGERS = "=+-@"
# Text that an export puts an apostrophe before, and text that has got one.
NEEDS_GUARD = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
MAX_EXTERNAL_ID_CHARS = 120
# The last range is halves of characters, which some encodings let through and no database takes.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_CONTROL_BUT_LAYOUT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_INTEGER = re.compile(r"[0-9]{1,18}")
ROUNDED_BARCODE = re.compile(r"[0-9]([.,][0-9]+)?[Ee]\+?[0-9]+")
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "y", "on"), True),
    **dict.fromkeys(("false", "0", "no", "n", "off"), False),
}


class CellError(ValueError):
    """A cell that cannot be accepted; `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def line_of_text(value: str, limit: int) -> str:
    """One line of at most `limit` characters that no spreadsheet takes for a formula."""
    return _plain_line(_harmless(value, FORMULA_TRIGGERS), limit)


def _plain_line(value: str, limit: int) -> str:
    if _CONTROL.search(value):
        raise CellError("control_character", "Line breaks and control characters are refused here.")
    return _short_enough(value, limit)


def description(value: str) -> str:
    """Text of any number of lines. A list may begin with a hyphen or a plus."""
    value = _harmless(value, "=@")
    if _CONTROL_BUT_LAYOUT.search(value):
        raise CellError("control_character", "NUL and other control characters are refused.")
    return _short_enough(value, MAX_DESCRIPTION_CHARS)


def _harmless(value: str, triggers: str) -> str:
    # How exports make a formula harmless; the apostrophe is no part of the text.
    if value[0] == "'":
        return unguarded(value)
    if value[0] in triggers:
        raise formula_error(value)
    return value


def formula_error(value: str) -> CellError:
    """The error for text that begins as a formula does."""
    return CellError(
        "formula_cell",
        f"{value[:40]!r} would run as a formula in a spreadsheet. Remove the leading character, "
        "or write an apostrophe before it.",
    )


def _short_enough(value: str, limit: int) -> str:
    if len(value) > limit:
        raise CellError("too_long", f"{len(value)} characters; at most {limit} are accepted.")
    return value


def whole_number(value: str) -> int:
    """0 or more, as far as the database's integer goes."""
    if value[0] == "-" and _INTEGER.fullmatch(value[1:]):
        raise CellError("negative_number", f"{value!r} is negative; 0 is the least.")
    if not _INTEGER.fullmatch(value):
        raise CellError("not_an_integer", f"{value[:40]!r} is not a whole number such as 12.")
    return _bounded(int(value))


def grams(value: str, per_unit: Decimal = Decimal(1)) -> int:
    """A weight in units of `per_unit` grams, rounded half up to whole grams."""
    if value[0] == "-" and _DECIMAL.fullmatch(value[1:]):
        raise CellError("negative_number", f"{value[:40]!r} is negative; 0 is the least.")
    if not _DECIMAL.fullmatch(value):
        raise CellError("not_a_number", f"{value[:40]!r} is not a plain number such as 0.25.")
    return _bounded(int((Decimal(value) * per_unit).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def _bounded(number: int) -> int:
    if number > MAX_INTEGER:
        raise CellError("number_too_large", f"{number} is more than {MAX_INTEGER}.")
    return number


def flag(value: str) -> bool:
    """true/false, yes/no, on/off or 1/0 in any case."""
    try:
        return _FLAGS[value.lower()]
    except KeyError:
        raise CellError("not_a_flag", f"{value[:40]!r} is neither true nor false.") from None


def barcode(value: str) -> str:
    """A barcode as text. Spreadsheets round long ones, and those are refused."""
    if value[0] == "'":
        # How exports keep a spreadsheet from reading a number or a formula: it is text as it is.
        return _plain_line(value[1:], MAX_BARCODE_CHARS)
    if ROUNDED_BARCODE.fullmatch(value):
        raise CellError("rounded_barcode", f"A spreadsheet has rounded this barcode to {value!r}.")
    return line_of_text(value, MAX_BARCODE_CHARS)


def url(value: str, limit: int = MAX_URL_CHARS) -> str:
    """An absolute http or https address of at most `limit` characters."""
    if not value.lower().startswith(("http://", "https://")) or not value.isprintable():
        raise CellError("bad_url", f"{value[:40]!r} is not an address that starts with https://.")
    return _short_enough(value, limit)


def external_url(value: str) -> str:
    """The address where a product is sold elsewhere."""
    return url(value, MAX_EXTERNAL_URL_CHARS)


def split_list(cell: str, separator: str) -> list[str]:
    r"""The parts between separators, stripped; after a backslash a separator is text."""
    if "\\" not in cell:
        return [part.strip() for part in cell.split(separator) if part.strip()]
    parts = re.split(rf"(?<!\\){re.escape(separator)}", cell)
    cleaned = (part.replace(f"\\{separator}", separator).strip() for part in parts)
    return [part for part in cleaned if part]


def split_escaped(cell: str, separator: str) -> list[str]:
    r"""As `split_list`, but what stands after a backslash stays as it is, for `unescaped`."""
    if "\\" not in cell:
        return [part.strip() for part in cell.split(separator) if part.strip()]
    found = re.findall(rf"(?:\\.|[^\\{separator}]|\\$)+", cell, re.DOTALL)
    return [part.strip() for part in found if part.strip()]


def unescaped(part: str) -> str:
    r"""The text itself: `\|`, `\>`, `\,` and `\\` stand for what follows the backslash."""
    return re.sub(r"\\([\\|>,])", r"\1", part) if "\\" in part else part


def escaped(text: str, separators: str) -> str:
    """The other way round: text that `split_escaped` does not take apart."""
    return re.sub(rf"[\\{separators}]", r"\\\g<0>", text)


def guarded(text: str) -> str:
    """Text that no spreadsheet runs, and that reading turns back into what it was (I6)."""
    return f"'{text}" if NEEDS_GUARD.match(text) else text


def unguarded(text: str) -> str:
    """The other way round."""
    return text[1:] if _GUARDED.match(text) else text


def json_object(value: str) -> dict[str, Any]:
    """A JSON object such as {"material": "wool"}."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or len(value) > MAX_DESCRIPTION_CHARS or "\\u0000" in value:
        raise CellError("bad_json", f"{value[:40]!r} is not a JSON object such as {{}}.")
    return found


def moment(value: str) -> datetime:
    """A point in time; UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellError(
            "bad_date", f"{value[:40]!r} is not a time such as 2026-01-31T12:00:00Z."
        ) from None
