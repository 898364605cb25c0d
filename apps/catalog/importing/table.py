"""The header and the records of a CSV file, each record with the line it starts on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import chain

from .source import MAX_RECORD_BYTES, ByteInput, RecordTooLarge
from .types import ImportFileError
from .values import unguarded

MAX_FIELD_CHARS = 1024 * 1024
_DELIMITERS = ",;\t"
_UNREADABLE = (csv.Error, UnicodeError, RecordTooLarge)


class Table:
    """A CSV file as a header and a stream of records.

    header: the cells as written, stripped. keys: the same in lower case with single spaces, by
    which columns are found. delimiter: `,`, `;` or tab, whichever the header uses.
    """

    def __init__(self, data: ByteInput, mapping: Mapping[str, str] | None = None) -> None:
        self._data = data
        self._mapping = {header_key(theirs): ours for theirs, ours in (mapping or {}).items()}
        self._open()

    def _open(self) -> None:
        # The limit is the process's own, so it is only ever raised; ByteSource bounds the rest.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD_CHARS))
        self._source, self._text = self._data.decode()
        self._skipped = 0
        self._lines = csv.reader(())
        self.encoding: str = self._text.encoding
        try:
            self._open_header()
        except _UNREADABLE as error:
            raise self._explained(error, self._skipped + 1) from error

    def _open_header(self) -> None:
        line = self._first_line()
        self.delimiter = max(_DELIMITERS, key=_outside_quotes(line).count)
        if line[:4].casefold() == "sep=":
            # Spreadsheets write and read this line to name the separator.
            self.delimiter = line[4:5] if line[4:5] in _DELIMITERS else ","
            self._skipped += 1
            line = self._first_line()
        if line.lstrip()[:1] in ("<", "{", "["):
            raise ImportFileError("not_csv", "This looks like HTML, XML or JSON, not a CSV file.")
        if "\0" in line:
            raise ImportFileError(
                "not_csv",
                "The header has NUL characters: the file is binary, or UTF-16 without a byte "
                "order mark. Save it as UTF-8, or pass --encoding utf-16-le.",
                row=1,
            )
        # Strict, because a stray quote would otherwise shift cells into their neighbours.
        self._lines = csv.reader(
            chain((line,), self._text), delimiter=self.delimiter, strict=True, skipinitialspace=True
        )
        self.header = [unguarded(cell.strip()) for cell in next(self._lines)]
        self.keys = self._mapped([header_key(cell) for cell in self.header])
        self._source.pending = 0

    def _mapped(self, keys: list[str]) -> list[str]:
        """The keys with those that the caller chose; a column that would clash is passed over."""
        if not self._mapping:
            return keys
        if unknown := self._mapping.keys() - set(keys):
            name = min(unknown)
            raise ImportFileError(
                "unknown_column", f"The file has no column {name[:80]!r}.", row=1, column=name[:80]
            )
        chosen = {header_key(ours) for ours in self._mapping.values()}
        return [
            header_key(self._mapping[key]) if key in self._mapping else "" if key in chosen else key
            for key in keys
        ]

    def _first_line(self) -> str:
        while line := self._text.readline():
            if line.strip():
                return line
            self._skipped += 1
        raise ImportFileError("empty_file", "The file is empty.")

    def rewind(self) -> None:
        """Make `records` start over."""
        self._data.rewind()
        self._open()

    def survey(self) -> Iterator[tuple[int, list[str]]]:
        """Every record, before `records` goes over them again. This pass is no progress."""
        self._data.muted = True
        yield from self.records()
        self._data.muted = False
        self.rewind()

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record that is not blank, with the line it starts on.

        Raises ImportFileError where the file stops being readable.
        """
        lines, source, skipped = self._lines, self._source, self._skipped
        next_row = lines.line_num + skipped + 1
        try:
            for cells in lines:
                source.pending = 0
                row, next_row = next_row, lines.line_num + skipped + 1
                if not cells or (not cells[0].strip() and not "".join(cells).strip()):
                    continue
                yield row, cells
        except _UNREADABLE as error:
            raise self._explained(error, next_row) from error

    def _explained(self, error: Exception, row: int) -> ImportFileError:
        if isinstance(error, UnicodeDecodeError):
            return self._undecodable(error)
        if isinstance(error, UnicodeError):
            # Some encodings do not say where they failed.
            return ImportFileError("undecodable", f"The file is not {self.encoding}.", row=row)
        if isinstance(error, RecordTooLarge):
            return ImportFileError(
                "field_too_large",
                f"The record that starts on line {row} is larger than "
                f"{MAX_RECORD_BYTES // 1024**2} MiB. Is a quote on that line never closed?",
                row=row,
            )
        return _explained_csv_error(str(error), row)

    def _undecodable(self, error: UnicodeDecodeError) -> ImportFileError:
        offset = self._source.total - len(error.object) + error.start
        # The decoder only asks for more bytes once every full line before them was handed out.
        wide = self.encoding.startswith(("utf-16", "utf-32"))
        codec = self.encoding if wide else "latin-1"
        read_before = error.object[: error.start].decode(codec, "replace")
        line = self._lines.line_num + self._skipped + 1 + _line_ends(read_before)
        return ImportFileError(
            "undecodable",
            f"Line {line} is not {self.encoding} (byte {offset}: {error.reason}). Save the file "
            "as UTF-8, or pass --encoding, for example --encoding cp1252.",
            row=line,
        )


def header_key(cell: str) -> str:
    """A header cell without what spelling varies in: case, padding, underscores for spaces."""
    return " ".join(cell.replace("_", " ").split()).casefold()


def _explained_csv_error(message: str, row: int) -> ImportFileError:
    if "field larger" in message:
        return ImportFileError(
            "field_too_large",
            f"A cell of the record that starts on line {row} is larger than "
            f"{MAX_FIELD_CHARS // 1024**2} MiB. Is a quote on that line never closed?",
            row=row,
        )
    if "unexpected end of data" in message:
        return ImportFileError(
            "unclosed_quote",
            f"The record that starts on line {row} opens a quote that is never closed.",
            row=row,
        )
    return ImportFileError(
        "bad_quotes",
        f"The record that starts on line {row} has text after a closing quote. A quote inside a "
        'quoted cell is written twice (""); or a quote was opened and never closed.',
        row=row,
    )


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _line_ends(text: str) -> int:
    return text.count("\n") or text.count("\r")
