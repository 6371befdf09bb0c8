"""What the readers of JSON find wrong (Python's own and msgspec's), in every language. What is not known here is told in their English.

The English text stays what the reader says, word for word.
"""

from __future__ import annotations

from contest_server.core.rereading import Templates
from contest_server.core.saying import Said

DETAIL_MAX_CHARS = 400
_PLACED = (
    Said("{what}: line {line} column {column} (char {char})"),
    Said("{what} - at `{path}`"),
    Said("JSON is malformed: {what} (byte {byte})"),
)
_OF_PYTHON = (
    Said("Expecting value"),
    Said("Expecting property name enclosed in double quotes"),
    Said("Expecting ':' delimiter"),
    Said("Expecting ',' delimiter"),
    Said("Illegal trailing comma before end of array"),  # these two since Python 3.13
    Said("Illegal trailing comma before end of object"),
    Said("Unterminated string starting at"),
    Said("Invalid control character at"),
    Said("Invalid \\escape"),
    Said("Invalid \\uXXXX escape"),
    Said("Extra data"),
    Said("Unexpected UTF-8 BOM (decode using utf-8-sig)"),
    Said("'{codec}' codec can't decode byte {byte} in position {position}: {what}"),
    Said("'{codec}' codec can't decode bytes in position {position}: {what}"),
    Said("invalid start byte"),
    Said("invalid continuation byte"),
    Said("unexpected end of data"),
    Said("{name} is no number"),
    Said(
        "Exceeds the limit ({most} digits) for integer string conversion: value has {count} digits; "
        "use sys.set_int_max_str_digits() to increase the limit"
    ),
)
_OF_MSGSPEC = (
    Said("Input data was truncated"),
    Said("Expected `{json_wanted}`, got `{json_got}`"),
    Said("Expected `{json_wanted}`"),
    Said("Expected `{json_wanted}` of length >= {least}"),
    Said("Expected `{json_wanted}` of length <= {most}"),
    Said("Expected `{json_wanted}` >= {least}"),
    Said("Expected `{json_wanted}` <= {most}"),
    Said("Expected `{json_wanted}` matching regex {pattern}"),
    Said("Object missing required field `{field}`"),
    Said("Object contains unknown field `{field}`"),
    Said("Invalid enum value {value}"),
    Said("Invalid value {value}"),
    Said("Integer value out of range"),
    Said("Number out of range"),
)
_OF_ITS_TEXT = (
    Said("invalid character"),
    Said("trailing characters"),
    Said("trailing comma in array"),
    Said("trailing comma in object"),
    Said("object keys must be strings"),
    Said("invalid number"),
    Said("expected '\"'"),
    Said("expected ':'"),
    Said("expected ',' or ']'"),
    Said("expected ',' or '}}'"),
    Said("invalid escape character in string"),
    Said("invalid character in unicode escape"),
    Said("unexpected end of hex escape"),
    Said("unexpected end of escaped utf-16 surrogate pair"),
    Said("invalid utf-16 surrogate pair"),
)
_templates = Templates(each.template for each in (*_PLACED, *_OF_PYTHON, *_OF_MSGSPEC, *_OF_ITS_TEXT))


def json_fault(error: Exception) -> Said:
    """What the reader says, at most DETAIL_MAX_CHARS of it; what it says of itself only (a class of Python's) is put in words."""
    if isinstance(error, RecursionError):
        return Said("nested too deeply")
    if isinstance(error, ArithmeticError):
        return Said("a number that cannot be read")
    return reread(str(error)[:DETAIL_MAX_CHARS])


def reread(text: str) -> Said:
    """A reader's sentence in every language; an unknown one is marked as the reader's own."""
    return _templates.told(text)
