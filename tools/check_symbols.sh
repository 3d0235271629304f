#!/usr/bin/env bash
# check_symbols.sh BUILD — the core (ikev2, esp, spd) reads no clock, no socket, no file, no environment and no
# randomness of its own, and starts no thread: none of the names below stands undefined in its archives.
set -euo pipefail

build=${1:-build}
names='socket send sendto recv recvfrom sendmsg recvmsg sendmmsg recvmmsg read write open fopen getrandom rand
 clock_gettime gettimeofday time pthread_create getenv'
patterns='_ZNSt6chrono.*_clock3nowEv _ZNSt13random_device.*'
expression="^($(printf '%s ' $names $patterns | sed 's/ $//; s/ /|/g'))(@.*)?$"

status=0
for layer in ikev2 esp spd; do
  archive=$(find "$build" -maxdepth 2 -name "libikev2d_$layer.a" | head -n 1)
  if [ -z "$archive" ]; then
    echo "check_symbols: libikev2d_$layer.a is not in $build" >&2
    status=1
    continue
  fi
  # nm prints "FILE.o:" headings and "   U name" lines.
  found=$(nm -u "$archive" | awk '/:$/ { file = $1 } $1 == "U" { print $2, file }' | awk -v e="$expression" '$1 ~ e')
  if [ -n "$found" ]; then
    sed "s/^/$layer uses /" <<<"$found" >&2
    status=1
  fi
done
exit $status
