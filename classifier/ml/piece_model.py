"""Taking pieces out of a SentencePiece model, whose format is protobuf, without the package that reads protobuf.

A model is a run of fields, and field 1 is a piece: its text (field 1), its score (2) and its kind (3). Every other byte
stays as it is, and so does every piece's number, by which the weights of a T5 know it.
"""

from collections.abc import Collection, Iterator

PIECE, TEXT, KIND = 1, 1, 3
NORMAL, UNUSED = 1, 5  # kinds; a model without a kind is of a normal piece, and nothing is spelt by an unused one
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # ways in which protobuf writes a value
BLANK = "\u2581"  # what SentencePiece writes for a blank
Field = tuple[int, int, bytes]  # its number, the way it is written, the value as it stands there


class NotPieces(ValueError):
    """The bytes are no SentencePiece model."""


def normal_pieces(model: bytes) -> dict[int, str]:
    """The pieces that texts are spelt by, by their numbers; control signs and bytes are none. Raises NotPieces."""
    found = {}
    for number, piece in enumerate(value for field, _, value in _fields(model) if field == PIECE):
        parts = {field: value for field, _, value in _fields(piece)}
        if _number(parts.get(KIND, bytes([NORMAL]))) == NORMAL:
            found[number] = parts[TEXT].decode()
    return found


def without_pieces(model: bytes, numbers: Collection[int]) -> bytes:
    """The same model, with these pieces unused and their texts gone. Raises NotPieces."""
    written, number = [], 0
    for field, way, value in _fields(model):
        if field == PIECE:
            value = _emptied(value, number) if number in numbers else value
            number += 1
        written.append(_written(field, way, value))
    return b"".join(written)


def _emptied(piece: bytes, number: int) -> bytes:
    """A name is unique and never empty, or SentencePiece refuses the model; no text has two blanks in a row."""
    name = f"{BLANK}{BLANK}erased-{number}".encode()
    rest = [_written(*field) for field in _fields(piece) if field[0] not in (TEXT, KIND)]
    return b"".join([_written(TEXT, BYTES, name), *rest, _written(KIND, VARINT, bytes([UNUSED]))])


def _fields(data: bytes) -> Iterator[Field]:
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        field, way = key >> 3, key & 7
        if way == VARINT:
            end = _varint(data, place)[1]
        elif way == BYTES:
            length, place = _varint(data, place)
            end = place + length
        elif way in (FIXED32, FIXED64):
            end = place + (4 if way == FIXED32 else 8)
        else:
            raise NotPieces(f"a field of an unknown kind ({way})")
        if end > len(data):
            raise NotPieces("it ends in the middle of a field")
        yield field, way, data[place:end]
        place = end


def _written(field: int, way: int, value: bytes) -> bytes:
    length = _as_varint(len(value)) if way == BYTES else b""
    return _as_varint(field << 3 | way) + length + value


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """The number that is written from there on, and where it ends."""
    value = shift = 0
    while place < len(data):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise NotPieces("it ends in the middle of a number")


def _as_varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _number(value: bytes) -> int:
    return _varint(value, 0)[0]
