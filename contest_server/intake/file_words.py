"""What the system and the readers of workbooks say of a file, in every language. What is not known here is told in their English."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from contest_server.core.rereading import Templates, others_words
from contest_server.core.saying import Said, Text

DETAIL_MAX_CHARS = 200
_OF_THE_SYSTEM: Mapping[int, Said] = {
    errno.ENOENT: Said("No such file or directory"),
    errno.EACCES: Said("Permission denied"),
    errno.EPERM: Said("Operation not permitted"),
    errno.EISDIR: Said("Is a directory"),
    errno.ENOTDIR: Said("Not a directory"),
    errno.EIO: Said("Input/output error"),
    errno.ENAMETOOLONG: Said("File name too long"),
    errno.EMFILE: Said("Too many open files"),
    errno.ELOOP: Said("Too many levels of symbolic links"),
}
_OF_ARCHIVES = (
    Said("File is not a zip file"),
    Said("Bad magic number for central directory"),
    Said("Bad magic number for file header"),
    Said("Truncated file header"),
    Said("Bad CRC-32 for file '{part}'"),
    Said("That compression method is not supported"),
    Said("Error {number} while decompressing data: {detail}"),
    Said("invalid Zip archive: {detail}"),
    Said("Cfb error: {detail}"),
    Said("File not found '{part}'"),
    Said("'{part}' file not found in archive"),
)
_OF_XML = (
    Said("{what}: line {line}, column {column}"),
    Said("not well-formed (invalid token)"),
    Said("no element found"),
    Said("mismatched tag"),
    Said("unclosed token"),
    Said("syntax error"),
    Said("junk after document element"),
)
_templates = Templates(each.template for each in (*_OF_ARCHIVES, *_OF_XML))


def system_fault(error: OSError) -> Text:
    """Why the system does not let a file be read."""
    known = _OF_THE_SYSTEM.get(error.errno or 0)
    return known if known is not None and known == error.strerror else others_words(error.strerror or str(error))


def workbook_fault(error: Exception) -> Text:
    """Why a file is no workbook."""
    if isinstance(error, KeyError):
        return Said("it has no {part}", part=str(error.args[0])[:DETAIL_MAX_CHARS])
    if isinstance(error, IndexError):
        return Said("it points to something that is not there")
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Said) else _templates.told(str(error)[:DETAIL_MAX_CHARS])
