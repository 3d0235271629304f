#!/usr/bin/env bash
# Puts a wireguard-go with offloads where the benchmark finds it, and prints its path on standard output.
#
# Asked for in this order: IKEV2D_WIREGUARD_GO; what is installed, unless it is older than 2023, when the offloads came;
# Debian 13's package, whose signature apt checks, unpacked into the cache folder and not installed. Some seconds, once.
. "$(dirname "$0")/common.sh"

suite=trixie
limit=120 # seconds for apt
root=$cache/wireguard-go
program=$root/usr/bin/wireguard-go

if [ -n "${IKEV2D_WIREGUARD_GO:-}" ]; then
  [ -x "$IKEV2D_WIREGUARD_GO" ] || fail "IKEV2D_WIREGUARD_GO=$IKEV2D_WIREGUARD_GO is no program"
  echo "$IKEV2D_WIREGUARD_GO"
  exit 0
fi
# Its versions carry the day of the source: v0.0.20230223.
if installed=$(command -v wireguard-go) && [[ $("$installed" --version 2>&1) =~ v0\.0\.(20[0-9]{6}) ]] && [ "${BASH_REMATCH[1]}" -ge 20230000 ]; then
  echo "$installed"
  exit 0
fi
mkdir -p "$cache"
exec 9>"$cache/wireguard-go.lock"
flock 9
if [ ! -x "$program" ]; then
  say "unpacking Debian 13's wireguard-go for the benchmark"
  mapfile -t apt_options < <(isolated_apt "$suite" deb)
  work=$(mktemp -d)
  trap 'rm -rf "$work" "$root.new"' EXIT
  rm -rf "$root.new"
  timeout "$limit" apt-get "${apt_options[@]}" -qq update >&2 </dev/null || fail "the package lists of Debian $suite could not be had"
  cd "$work"
  timeout "$limit" apt-get "${apt_options[@]}" -qq download wireguard-go >&2 </dev/null || fail "wireguard-go of Debian $suite could not be had"
  dpkg-deb -x ./wireguard-go_*.deb "$root.new"
  rm -rf "$root"
  mv "$root.new" "$root"
fi
echo "$program"
