"""Parts of a zip file, read strictly: exactly as long, and with the checksum, that the file states."""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO

from isal import isal_zlib

LOCAL_HEADER = 30
_PIECE = 1 << 20


def packed(file: BinaryIO, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of a part as they lie in the file.

    Raises:
        zipfile.BadZipFile: They are not where the directory says.
    """
    file.seek(entry.header_offset)
    header = file.read(LOCAL_HEADER)
    if len(header) < LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile(f"part {entry.filename} has no header")
    file.seek(sum(struct.unpack("<HH", header[26:30])), 1)
    content = file.read(entry.compress_size)
    if len(content) != entry.compress_size:
        raise zipfile.BadZipFile(f"part {entry.filename} ends too early")
    return content


def unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> bytes:
    """Content of a part.

    Other readers unpack a part to its end, whatever length the file states; so one that goes on is damage.

    Raises:
        zipfile.BadZipFile: It is not what the directory says it is.
    """
    content, ended = packed(file, entry), True
    if entry.compress_type != zipfile.ZIP_STORED:
        stream = isal_zlib.decompressobj(-15)
        try:
            content = stream.decompress(content, entry.file_size + 1)
        except isal_zlib.error as error:  # type: ignore[misc]
            raise zipfile.BadZipFile(f"part {entry.filename} cannot be unpacked") from error
        ended = stream.eof and not stream.unused_data
    if not ended or len(content) != entry.file_size or isal_zlib.crc32(content) != entry.CRC:
        raise zipfile.BadZipFile(f"part {entry.filename} is not what the file says it is")
    return content


def verify(file: BinaryIO, entry: zipfile.ZipInfo) -> None:
    """Read a part that was just written, a piece at a time.

    Raises:
        zipfile.BadZipFile: It is not what was written.
    """
    content, check, length = memoryview(packed(file, entry)), 0, 0
    stream = isal_zlib.decompressobj(-15) if entry.compress_type != zipfile.ZIP_STORED else None
    for start in range(0, len(content), _PIECE):
        piece = content[start : start + _PIECE]
        try:
            plain = bytes(piece) if stream is None else stream.decompress(piece)
        except isal_zlib.error as error:  # type: ignore[misc]
            raise zipfile.BadZipFile(f"part {entry.filename} cannot be unpacked") from error
        check, length = isal_zlib.crc32(plain, check), length + len(plain)
    if length != entry.file_size or check != entry.CRC:
        raise zipfile.BadZipFile(f"part {entry.filename} is not what was written")
