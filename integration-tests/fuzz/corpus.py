#!/usr/bin/env python3
"""Takes a corpus apart into the files that fuzzers read, and puts it together again.

  corpus.py unpack CORPUS FOLDER          each line of CORPUS, hexadecimal digits up to a TAB, becomes a file of FOLDER
  corpus.py pack LONGEST FOLDER...        prints every file of FOLDERs of at most LONGEST bytes as a line, the shortest first
"""

import hashlib
import pathlib
import sys


def unpack(corpus, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for line in pathlib.Path(corpus).read_text(encoding="ascii").splitlines():
        data = bytes.fromhex(line.split("\t")[0])
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def pack(longest, *folders):
    files = (file for folder in folders for file in pathlib.Path(folder).iterdir() if file.is_file())
    inputs = {file.read_bytes() for file in files if 0 < file.stat().st_size <= int(longest)}
    for data in sorted(inputs, key=lambda data: (len(data), data)):
        print(data.hex())


COMMANDS = {"unpack": unpack, "pack": pack}

if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
