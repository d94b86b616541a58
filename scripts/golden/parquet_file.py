"""Writes test/golden/data/*.parquet with no Parquet library: Apache's format from its specification.

Thrift's compact protocol and PLAIN, uncompressed pages, written by hand, so that the reader that
Potstill uses and the writer that its tests use are checked against neither of themselves.

    python3 scripts/golden/parquet_file.py test/golden/data
"""

import json
import struct
import sys
import zlib

INT64, FLOAT, DOUBLE, BYTES = 2, 4, 5, 6
REQUIRED = 0


def varint(n):
    out = b""
    while True:
        byte, n = n & 127, n >> 7
        out += bytes([byte | (128 if n else 0)])
        if not n:
            return out


def zigzag(n):
    return varint((n << 1) ^ (n >> 63))


def binary(text):
    data = text if isinstance(text, bytes) else text.encode()
    return varint(len(data)) + data


def fields(*given):
    """A struct: (id, type, bytes); type 5 = i32, 6 = i64, 8 = binary, 9 = list, 12 = struct."""
    out, last = b"", 0
    for number, kind, data in given:
        out += bytes([(number - last) << 4 | kind]) + data
        last = number
    return out + b"\0"


def many(kind, items):
    assert len(items) < 15
    return bytes([len(items) << 4 | kind]) + b"".join(items)


def plain(kind, values):
    if kind == BYTES:
        return b"".join(struct.pack("<I", len(v)) + v for v in values)
    return struct.pack("<" + {INT64: "q", FLOAT: "f", DOUBLE: "d"}[kind] * len(values), *values)


def element(name, kind=None, children=0):
    given = [(1, 5, zigzag(kind))] if kind is not None else []
    given += [(3, 5, zigzag(REQUIRED)), (4, 8, binary(name))]
    return fields(*given, *([(5, 5, zigzag(children))] if children else []))


def parquet(schema, columns, groups, metadata=()):
    """columns: (path, kind, values); groups: numbers of rows."""
    out, row_groups, start = b"PAR1", [], 0
    for rows in groups:
        chunks, total = [], 0
        for path, kind, values in columns:
            body = plain(kind, values[start : start + rows])
            data_page = fields(*[(i, 5, zigzag(v)) for i, v in enumerate([rows, 0, 3, 3], 1)])
            size = zigzag(len(body))
            page = fields((1, 5, zigzag(0)), (2, 5, size), (3, 5, size), (5, 12, data_page)) + body
            about = fields(
                (1, 5, zigzag(kind)), (2, 9, many(5, [zigzag(0)])),
                (3, 9, many(8, [binary(p) for p in path])), (4, 5, zigzag(0)),
                (5, 6, zigzag(rows)), (6, 6, zigzag(len(page))), (7, 6, zigzag(len(page))),
                (9, 6, zigzag(len(out))),
            )
            chunks.append(fields((2, 6, zigzag(len(out))), (3, 12, about)))
            out, total = out + page, total + len(page)
        row_groups.append(
            fields((1, 9, many(12, chunks)), (2, 6, zigzag(total)), (3, 6, zigzag(rows)))
        )
        start += rows
    pairs = [fields((1, 8, binary(key)), (2, 8, binary(value))) for key, value in metadata]
    footer = fields(
        (1, 5, zigzag(1)), (2, 9, many(12, schema)), (3, 6, zigzag(sum(groups))),
        (4, 9, many(12, row_groups)), *([(5, 9, many(12, pairs))] if pairs else []),
    )
    return out + footer + struct.pack("<I", len(footer)) + b"PAR1"


def png(grey):
    """An 8-bit grey image."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    header = struct.pack(">IIBBBBB", len(grey[0]), len(grey), 8, 0, 0, 0, 0)
    lines = zlib.compress(b"".join(b"\0" + bytes(line) for line in grey))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def main(folder):
    table = parquet(
        [element("table", children=4), element("a", FLOAT), element("b", DOUBLE),
         element("speaker", BYTES), element("label", INT64)],
        [(["a"], FLOAT, [0.5, -1.25, 3.0, 1e-3]), (["b"], DOUBLE, [1.0, 2.0, -4.0, 8.5]),
         (["speaker"], BYTES, [b"ann", b"bob", b"ann", b"cy"]), (["label"], INT64, [0, 2, 1, -1])],
        [3, 1],
    )
    open(f"{folder}/numbers.parquet", "wb").write(table)
    features = {
        "image": {"_type": "Image"},
        "label": {"_type": "ClassLabel", "names": ["cat", "dog", "eel"]},
    }
    images = [png([[10 * i, 20 + i], [30, 255 - i]]) for i in range(3)]
    hugging = parquet(
        [element("schema", children=2), element("image", children=2), element("bytes", BYTES),
         element("path", BYTES), element("label", INT64)],
        [(["image", "bytes"], BYTES, images), (["image", "path"], BYTES, [b"0.png"] * 3),
         (["label"], INT64, [2, 0, 1])],
        [3],
        [("huggingface", json.dumps({"info": {"features": features}}))],
    )
    open(f"{folder}/images.parquet", "wb").write(hugging)


main(sys.argv[1])
