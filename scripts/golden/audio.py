"""Recordings for the tests of reading audio, by sox, flac and lame: test/golden/audio/.

    python3 scripts/golden/audio.py test/golden/audio

It needs NumPy, sox, flac and lame (Debian packages of those names). tones.json holds what the decoded files must give:
the integers that were written (WAV, FLAC), and lame's own decoding of the MP3 file.
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import wave

import numpy

RATE = 16000
SAMPLES = 1600
out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)

t = numpy.arange(SAMPLES) / RATE
left = numpy.round(0.5 * numpy.sin(2 * numpy.pi * 440 * t) * 32767).astype(numpy.int16)
right = numpy.round(0.25 * numpy.sin(2 * numpy.pi * 1000 * t) * 32767).astype(numpy.int16)


def run(*command):
    subprocess.run(command, cwd=out, check=True, capture_output=True)


def write(name, channels):
    with wave.open(str(out / name), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(numpy.stack(channels, 1).tobytes())


def read(name):
    with wave.open(str(out / name), "rb") as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16).reshape(-1, file.getnchannels())


write("stereo.wav", [left, right])
run("sox", "-D", "stereo.wav", "-b", "24", "stereo24.wav")
run("sox", "-D", "stereo.wav", "-e", "float", "-b", "32", "float.wav")
run("flac", "--silent", "--force", "-8", "stereo.wav", "-o", "stereo.flac")
write("mono.wav", [left])
run("lame", "--quiet", "-b", "64", "-m", "m", "--noreplaygain", "mono.wav", "mono.mp3")
run("lame", "--quiet", "--decode", "mono.mp3", "decoded.wav")
decoded = read("decoded.wav")[:, 0]
(out / "decoded.wav").unlink()
version = lambda *command: subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0].strip()
content = {
    "madeBy": {
        "script": "scripts/golden/audio.py",
        "sha256": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
        "numpy": numpy.__version__,
        "sox": version("sox", "--version"),
        "flac": version("flac", "--version"),
        "lame": version("lame", "--version"),
    },
    "sampleRate": RATE,
    "left": left.tolist(),
    "right": right.tolist(),
    "mp3": decoded.tolist(),
}
(out / "tones.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
