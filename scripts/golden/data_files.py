"""Makes small data files with NumPy, gzip, struct and zlib: test/golden/data/. Run from anywhere; output is repeatable.

expected.json holds what each file contains, and content hashes by hashlib:
    key = first 32 hex digits of sha256("<dtype> [<d0>, <d1>]\\n" + the sample's bytes)
"""

import gzip
import hashlib
import io
import json
import pathlib
import struct
import zlib

import numpy as np

out = pathlib.Path(__file__).resolve().parents[2] / "test/golden/data"
out.mkdir(parents=True, exist_ok=True)
random = np.random.RandomState(5)

# arrays
pixels = random.randint(0, 256, (6, 2, 3)).astype(np.uint8)
labels = np.array([0, 2, 1, 1, 0, 2])
floats = random.randn(6, 4)
np.save(out / "pixels-u1.npy", pixels)
np.save(out / "floats-f4.npy", floats.astype("<f4"))
np.save(out / "floats-f8.npy", floats)
np.save(out / "floats-big-endian.npy", floats.astype(">f4"))
np.save(out / "floats-fortran.npy", np.asfortranarray(floats))
np.save(out / "nan.npy", np.where(np.arange(24).reshape(6, 4) == 13, np.nan, floats).astype("<f4"))
for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
    np.save(out / f"labels-{kind}.npy", labels.astype("<" + kind))
np.savez(out / "stored.npz", x=pixels, y=labels, speaker=np.array([7, 7, 8, 8, 9, 9]))
np.savez_compressed(out / "deflated.npz", x=pixels, y=labels, speaker=np.array([7, 7, 8, 8, 9, 9]))
with open(out / "version-2.npy", "wb") as file:
    np.lib.format.write_array(file, pixels, version=(2, 0))


# IDX
def idx(array: np.ndarray, code: int) -> bytes:
    big = array.astype(array.dtype.newbyteorder(">"))
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + big.tobytes()


def compressed(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, filename="") as file:
        file.write(content)
    return buffer.getvalue()


(out / "images.idx").write_bytes(idx(pixels, 0x08))
(out / "images.idx.gz").write_bytes(compressed(idx(pixels, 0x08)))
(out / "labels.idx").write_bytes(idx(labels.astype(np.uint8), 0x08))
(out / "labels.idx.gz").write_bytes(compressed(idx(labels.astype(np.int32), 0x0C)))
(out / "floats.idx").write_bytes(idx(floats.astype(np.float32), 0x0D))


# PNG images, written byte by byte so that decoding has one right answer
def png(array: np.ndarray) -> bytes:
    height, width = array.shape[:2]
    colour = {1: 0, 3: 2, 4: 6}[1 if array.ndim == 2 else array.shape[2]]
    depth = array.dtype.itemsize * 8
    rows = b"".join(b"\0" + row.astype(array.dtype.newbyteorder(">")).tobytes() for row in array)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


colour = random.randint(0, 256, (3, 4, 3)).astype(np.uint8)
grey = random.randint(0, 256, (3, 4)).astype(np.uint8)
clear = np.concatenate([colour, np.zeros((3, 4, 1), np.uint8)], axis=2)
for name, array in {"cat/a": colour, "cat/b": clear, "dog/a": grey, "dog/b": grey.astype(np.uint16) * 257}.items():
    path = out / f"images/{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(array))


def key(dtype: str, sample: np.ndarray) -> str:
    header = f"{dtype} [{', '.join(map(str, sample.shape))}]\n".encode()
    return hashlib.sha256(header + sample.tobytes()).hexdigest()[:32]


keys = [key("uint8", sample) for sample in pixels]
text = json.dumps(
    {"dtype": "uint8", "shape": [2, 3], "preprocessing": {"scale": 0.5, "offset": -1}, "classNames": ["a", "b", "ü"]},
    separators=(",", ":"),
    ensure_ascii=False,
)
text += "\n" + "".join(f"{k} {label}\n" for k, label in zip(keys, labels))
expected = {
    "made_by": "scripts/golden/data_files.py",
    "numpy": np.__version__,
    "pixels": pixels.reshape(-1).tolist(),
    "labels": labels.tolist(),
    "floats_f4": [float(value) for value in floats.astype(np.float32).reshape(-1)],
    "keys": keys,
    "key_of_floats": key("float32", floats.astype("<f4")[0]),
    "hash": hashlib.sha256(text.encode()).hexdigest(),
    "colour_channels_first": colour.transpose(2, 0, 1).reshape(-1).tolist(),
    "grey": grey.reshape(-1).tolist(),
    "crc32": {content: zlib.crc32(content.encode()) for content in ("", "123456789", "potstill")},
}
(out / "expected.json").write_text(json.dumps(expected) + "\n")
