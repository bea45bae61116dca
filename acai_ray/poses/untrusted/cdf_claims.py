"""Checking what a CDF file claims about its own sizes, before a library loops and allocates memory by these claims.

Only the records that lead to the wanted variable are looked at. Their fields are those of NASA's "CDF Internal Format
Description"; offsets have 8 bytes from version 3 on and 4 bytes before that.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

MAGIC_3, MAGIC_2 = b"\xcd\xf3\x00\x01", b"\xcd\xf2\x60\x02"
COMPRESSED, NOT_COMPRESSED = b"\xcc\xcc\x00\x01", b"\x00\x00\xff\xff"
HEAD = 8
"""Bytes of the two magic numbers with which a file begins."""

CDR, GDR, R_VDR, VXR, VVR, Z_VDR, CCR, CPR, CVVR = 1, 2, 3, 6, 7, 8, 10, 11, 13
GZIP = 5
IS_COMPRESSED = 4
"""The bit in the flags of a variable that says that it is compressed."""
VDR_FIELDS = (
    "next:o data_type:i last_record:i head:o tail:o flags:i sparse:i a:i b:i c:i n_elements:i number:i compression:o "
    "blocking:i name:n"
)
FIELDS = {
    CDR: "gdr:o version:i release:i",
    GDR: "first_r:o first_z:o attributes:o end:o n_r:i n_attributes:i last_record:i n_dims:i n_z:i",
    R_VDR: VDR_FIELDS,
    Z_VDR: f"{VDR_FIELDS} n_dims:i",
    VXR: "next:o n_entries:i n_used:i",
    VVR: "",
    CCR: "compression:o size_plain:o a:i",
    CPR: "method:i",
    CVVR: "a:i length:o",
}
MOST_VARIABLES, MOST_DIMS = 1000, 10
OLDEST = (2, 5)


def check(content: bytes, wanted: str, most: int) -> dict[str, int]:
    """Refuse a file that would make a reader of one variable loop, or allocate memory, without need.

    Args:
        content: the whole file.
        wanted: the variable that will be read.
        most: the most bytes that a compressed part may unpack to.

    Returns:
        For the name of each variable, how many bytes of values are stored; 0 for others than the wanted one.

    Raises:
        ValueError: a record lies outside the file, is not of its kind, or counts more than there can be.
    """
    file = _plain(_Content(content, wide=content.startswith(MAGIC_3)), most)
    return {
        name: _stored(file, variable, most) if name.lower() == wanted.lower() else 0
        for name, variable in _variables(file, _summary(file))
    }


@dataclass(frozen=True)
class _Content:
    """A file's bytes, and whether its offsets have 8 bytes."""

    content: bytes
    wide: bool

    @property
    def width(self) -> int:
        """Bytes of an offset."""
        return 8 if self.wide else 4

    @property
    def codes(self) -> dict[str, str]:
        """What `struct` calls an offset and a name."""
        return {"o": "q", "n": "256s"} if self.wide else {"o": "i", "n": "64s"}

    def record(self, place: int, kind: int) -> SimpleNamespace:
        """The first fields of the record at a place, which must be of that kind and lie in the file."""
        names, codes = zip(*(field.split(":") for field in f"size:o type:i {FIELDS[kind]}".split()), strict=True)
        layout = ">" + "".join(self.codes.get(code, code) for code in codes)
        header = struct.calcsize(layout)
        if not HEAD <= place <= len(self.content) - header:
            raise ValueError(f"a record at byte {place} of {len(self.content)}")
        record = SimpleNamespace(
            **dict(zip(names, struct.unpack_from(layout, self.content, place), strict=True)), rest=place + header
        )
        if record.type != kind or not header <= record.size <= len(self.content) - place:
            raise ValueError(f"a record of kind {record.type} and {record.size} bytes at byte {place}")
        return record

    def kind(self, place: int) -> int:
        """The kind of the record at a place."""
        after_size = place + self.width
        return int.from_bytes(self.content[after_size : after_size + 4], "big") if place >= HEAD else 0

    def offsets(self, place: int, count: int) -> tuple[int, ...]:
        """The offsets that are stored from a place on."""
        return struct.unpack_from(f">{count}{self.codes['o']}", self.content, place)


def _plain(file: _Content, most: int) -> _Content:
    if file.content[4:HEAD] == NOT_COMPRESSED:
        return file
    if file.content[4:HEAD] != COMPRESSED:
        raise ValueError(f"the second magic number {file.content[4:HEAD].hex()}")
    record = file.record(HEAD, CCR)
    method = file.record(record.compression, CPR).method
    if method != GZIP:
        raise ValueError(f"compression {method}, which is not gzip")
    inner = _inflated(file.content[record.rest : HEAD + record.size], most)
    return _Content(file.content[:HEAD] + inner, file.wide)


def _summary(file: _Content) -> SimpleNamespace:
    about = file.record(HEAD, CDR)
    if not file.wide and (about.version, about.release) < OLDEST:
        raise ValueError(f"CDF version {about.version}.{about.release}, which is too old")
    summary = file.record(HEAD + about.size, GDR)
    _at_most(summary.n_dims, MOST_DIMS, "dimensions")
    return summary


def _variables(file: _Content, summary: SimpleNamespace) -> Iterator[tuple[str, SimpleNamespace]]:
    for kind, count, place in ((Z_VDR, summary.n_z, summary.first_z), (R_VDR, summary.n_r, summary.first_r)):
        _at_most(count, MOST_VARIABLES, "variables")
        for _ in range(count):
            variable = file.record(place, kind)
            yield variable.name.replace(b"\0", b"").decode("ascii").strip(), variable
            place = variable.next


def _stored(file: _Content, variable: SimpleNamespace, most: int) -> int:
    """Bytes of values in all blocks of a variable."""
    _at_most(getattr(variable, "n_dims", 0), MOST_DIMS, "dimensions")
    if variable.flags & IS_COMPRESSED:
        file.record(variable.compression, CPR)
    stored, seen = 0, set()
    waiting = [variable.head] if variable.last_record >= 0 else []
    while waiting:
        place = waiting.pop()
        if place in seen:
            raise ValueError(f"two ways to the record at byte {place}")
        seen.add(place)
        if file.kind(place) == VXR:
            waiting.extend(_led_to(file, place))
        else:
            stored += _block(file, place, most)
    return stored


def _led_to(file: _Content, place: int) -> tuple[int, ...]:
    """The places of the blocks and further indices that an index points to."""
    index = file.record(place, VXR)
    _at_most(index.n_entries, (place + index.size - index.rest) // (8 + file.width), "entries of an index")
    _at_most(index.n_used, index.n_entries, "used entries of an index")
    blocks = file.offsets(index.rest + 8 * index.n_entries, index.n_used)
    return (*blocks, index.next) if index.next else blocks


def _block(file: _Content, place: int, most: int) -> int:
    """Bytes of values in a block."""
    if file.kind(place) != CVVR:
        record = file.record(place, VVR)
        return int(place + record.size - record.rest)
    record = file.record(place, CVVR)
    return len(_inflated(file.content[record.rest : record.rest + record.length], most))


def _inflated(content: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    plain = unpacking.decompress(content, most)
    if not unpacking.eof or unpacking.unused_data.strip(b"\0"):
        raise ValueError("a compressed part that is cut off or too large")
    return plain


def _at_most(count: int, most: int, what: str) -> None:
    if not 0 <= count <= most:
        raise ValueError(f"{count} {what}")
