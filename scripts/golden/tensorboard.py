"""TensorBoard event files without TensorBoard: struct, and a CRC-32C of its own, bit by bit.

    python3 scripts/golden/tensorboard.py write FOLDER     makes events.tfevents and events.json
    python3 scripts/golden/tensorboard.py read FILE        checks both checksums of every record,
                                                           prints the events as JSON, one a line
"""

import json
import struct
import sys


def crc32c(data):
    """Division of polynomials, bit by bit: x^32 + 0x1EDC6F41, reflected."""
    crc = 0xFFFFFFFF
    for byte in data:
        for bit in range(8):
            top = (crc ^ (byte >> bit)) & 1
            crc = (crc >> 1) ^ (0x82F63B78 if top else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283
assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def message(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def number(field, n):
    return varint(field << 3) + varint(n)


def value(tag, scalar=None, text=None):
    if text is None:
        return message(1, tag.encode()) + b"\x15" + struct.pack("<f", scalar)
    tensor = number(1, 7) + message(2, message(2, number(1, 1))) + message(8, text.encode())
    return message(1, tag.encode()) + message(8, tensor) + message(9, message(1, message(1, b"text")))


def event(e):
    head = b"\x09" + struct.pack("<d", e["wallTime"])
    if "fileVersion" in e:
        return head + message(3, e["fileVersion"].encode())
    step = number(2, e["step"]) if e["step"] else b""
    return head + step + message(5, b"".join(message(1, value(**s)) for s in e["summaries"]))


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def fields(data):
    at = 0

    def read_varint():
        nonlocal at
        n = shift = 0
        while True:
            byte = data[at]
            at += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    while at < len(data):
        key = read_varint()
        kind = key & 7
        size = read_varint() if kind == 2 else {1: 8, 5: 4}.get(kind)
        if kind == 0:
            yield key >> 3, read_varint()
        else:
            yield key >> 3, data[at : at + size]
            at += size


def parse(data):
    e = {"step": 0, "summaries": []}
    for field, v in fields(data):
        if field == 1:
            e["wallTime"] = struct.unpack("<d", v)[0]
        elif field == 2:
            e["step"] = v
        elif field == 3:
            e["fileVersion"] = v.decode()
        elif field == 5:
            e["summaries"] = [summary(s) for _, s in fields(v)]
    return e


def summary(data):
    s = {}
    for field, v in fields(data):
        if field == 1:
            s["tag"] = v.decode()
        elif field == 2:
            s["scalar"] = struct.unpack("<f", v)[0]
        elif field == 8:
            s["text"] = dict(fields(v))[8].decode()
        elif field == 9:
            s["plugin"] = dict(fields(dict(fields(v))[1]))[1].decode()
    return s


def read(path):
    data = open(path, "rb").read()
    at = 0
    while at < len(data):
        length, crc = struct.unpack_from("<QI", data, at)
        assert crc == masked(data[at : at + 8]), f"length checksum at {at}"
        body = data[at + 12 : at + 12 + length]
        assert len(body) == length, f"cut record at {at}"
        (crc,) = struct.unpack_from("<I", data, at + 12 + length)
        assert crc == masked(body), f"data checksum at {at}"
        at += 16 + length
        yield parse(body)


def write(folder):
    events = [
        {"wallTime": 1700000000.25, "fileVersion": "brain.Event:2"},
        {"wallTime": 1700000000.5, "step": 0, "summaries": [{"tag": "recipe", "text": "# α\nT: 4"}]},
        {"wallTime": 1700000001.0, "step": 1, "summaries": [{"tag": "train/loss", "scalar": 2.5}]},
        {
            "wallTime": 1700000002.125,
            "step": 70000,
            "summaries": [
                {"tag": "train/loss", "scalar": -0.0078125},
                {"tag": "learningRate", "scalar": 1e-3},
                {"tag": "long " + "x" * 200, "scalar": 0},
            ],
        },
    ]
    with open(f"{folder}/events.tfevents", "wb") as file:
        for e in events:
            file.write(record(event(e)))
    with open(f"{folder}/events.json", "w") as file:
        json.dump(events, file, indent=1, ensure_ascii=False)
        file.write("\n")


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    for e in read(sys.argv[2]):
        print(json.dumps(e))
