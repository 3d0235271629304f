#!/usr/bin/env bash
# Makes the root file system that peers inside user-mode-linux run in, and prints that folder on standard output.
#
# Debian 13's strongSwan, libreswan and OpenIKED lie side by side in it, which their packages' conflicts forbid on one
# machine: apt resolves and checks the packages of each, and they are unpacked, not installed; no maintainer script runs.
# About 20 seconds once, 200 MB in the cache folder; a stamp of this script decides. Where it fails, the reason is left
# in peer-root.failed, and the interop cases with such peers are skipped with it.
. "$(dirname "$0")/common.sh"

suite=trixie
root=$cache/peer-root
failed=$cache/peer-root.failed
limit=300 # seconds for apt, in all

common=(base-files base-passwd bash dash coreutils grep sed mawk mount util-linux libc-bin procps kmod iproute2 iputils-ping tcpdump)
# strongSwan and libreswan conflict with each other: two sets, each resolved by itself.
set_1=(charon-systemd strongswan-swanctl libcharon-extra-plugins libstrongswan-standard-plugins libstrongswan-extra-plugins openiked)
set_2=(libreswan)

mkdir -p "$cache"
exec 9>"$cache/peer-root.lock"
flock 9
stamp=$(sha256sum <"${BASH_SOURCE[0]}" | cut -c1-16)
if [ "$(cat "$root/stamp" 2>/dev/null)" = "$stamp" ]; then
  echo "$root"
  exit 0
fi

give_up() {
  echo "$*" >"$failed"
  rm -rf "$root.new"
  fail "$*"
}

# download PACKAGE… — these and all they depend on, nothing being installed yet.
download() {
  timeout "$limit" apt-get "${apt_options[@]}" -qq --download-only --no-install-recommends \
    -o Dir::State::status="$root.new/status" -o Debug::NoLocking=1 -y install "$@" </dev/null >"$log" 2>&1 ||
    give_up "the packages of Debian $suite could not be had: $(tail -n 1 "$log")"
}

say "making the root file system for peers inside user-mode-linux (about 20 seconds, once)"
rm -rf "$root.new"
mkdir -p "$root.new"
log=$cache/peer-root.log
mirror=$(debian_mirror) || give_up "no Debian archive in the apt configuration"
mapfile -t apt_options < <(isolated_apt "$suite" deb)
archives=$cache/apt/$suite/archives
rm -f "$archives"/*.deb
timeout "$limit" apt-get "${apt_options[@]}" -qq update >"$log" 2>&1 ||
  give_up "the package lists of Debian $suite could not be had from $mirror: $(tail -n 1 "$log")"
: >"$root.new/status"
download "${common[@]}" "${set_1[@]}"
download "${common[@]}" "${set_2[@]}"
rm "$root.new/status"
say "unpacking $(find "$archives" -name '*.deb' | wc -l) packages"
for package in "$archives"/*.deb; do
  dpkg-deb -x "$package" "$root.new" >"$log" 2>&1 || give_up "$(basename "$package") cannot be unpacked: $(tail -n 1 "$log")"
done
rm -f "$archives"/*.deb

# What the packages' scripts would have made, and the places where init mounts something.
cd "$root.new"
for file in passwd group; do
  cp usr/share/base-passwd/$file.master etc/$file
done
echo '_iked:x:990:990::/var/lib/openiked/empty:/usr/sbin/nologin' >>etc/passwd
echo '_iked:x:990:' >>etc/group
printf '127.0.0.1 localhost\n' >etc/hosts
mkdir -p case usr/lib/modules var/lib/ipsec
rm -rf var/run
ln -s ../run var/run
cat >init <<'INIT'
#!/bin/sh
# The kernel's first process. `case`, a folder of the host, comes from the kernel's command line.
export PATH=/usr/sbin:/usr/bin
export LIBMOUNT_FORCE_MOUNT2=always # the newer call to mount takes no folder for hostfs in Linux 6.12
mount -t proc proc /proc
mount -t hostfs none /case -o "$case"
exec bash /case/init.sh
INIT
chmod 0755 init
echo "$stamp" >stamp
rm -rf "$root"
mv "$root.new" "$root"
rm -f "$failed"
say "the peers' root is in $root"
echo "$root"
