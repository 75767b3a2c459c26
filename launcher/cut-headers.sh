#!/bin/sh
# cut-headers.sh FILE: cuts off what follows the code of the launcher, and says so in its header. Those are the headers of sections, which no kernel reads,
# behind the padding that the linker puts before memory that begins as zero: up to a page of it, which is 64 KiB on some machines.
set -eu
file=$1
# Offset and size of the first piece, the only one that is in the file.
set -- $(readelf -lW "$file" | sed -n 's/^ *LOAD *\(0x[0-9a-f]*\) 0x[0-9a-f]* 0x[0-9a-f]* \(0x[0-9a-f]*\) .*/\1 \2/p')
[ $# -ge 2 ] || { echo "$file has no piece to load" >&2; exit 1; }
zero() {
  head -c "$2" /dev/zero | dd of="$file" bs=1 seek="$1" conv=notrunc status=none
}
zero 40 8 # e_shoff
zero 60 4 # e_shnum, e_shstrndx
truncate -s $(($1 + $2)) "$file"
