# The Debian packages of each purpose, in one place, and `need`, which installs what is missing of them.
# Sourced by ./dev after common.sh.

# packages_for PURPOSE VERSION — one list a purpose; VERSION is Debian's.
packages_for() {
  case $1 in
    build)
      echo g++ cmake ninja-build ccache pkgconf python3 binutils libfmt-dev nlohmann-json3-dev libyaml-cpp-dev \
        libmnl-dev libedit-dev libcli11-dev libtins-dev zlib1g-dev
      # The fast engine of the data path; x86-64 alone has it.
      [ "$(dpkg --print-architecture)" != amd64 ] || echo libipsec-mb-dev
      case $2 in
        12) echo libboost1.81-dev make dpkg-dev gpgv ca-certificates ;; # the last four build Botan 3
        *) echo libboost-dev libbotan-3-dev ;;
      esac
      ;;
    demo) echo iproute2 iputils-ping procps tcpdump curl python3 util-linux ;;
    test)
      echo nftables strongswan-charon strongswan-swanctl strongswan-pki libcharon-extra-plugins libstrongswan-extra-plugins libstrongswan-standard-plugins python3-jsonschema tshark python3-scapy python3-cryptography valgrind
      ;;
    guests) echo user-mode-linux util-linux ;;
    bench) echo iperf3 libbenchmark-dev ;;
    lint) echo clang-format clang-tidy shellcheck ;;
    fuzz)
      case $2 in
        12) echo clang llvm libclang-rt-14-dev ;;
        *) echo clang llvm libclang-rt-19-dev ;;
      esac
      ;;
    *) fail "no package list for '$1'" ;;
  esac
}

# missing_of PACKAGE… — prints those that are not installed.
missing_of() {
  local package
  declare -A installed=()
  while read -r package; do installed[$package]=1; done < <(
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p')
  for package in "$@"; do [ -n "${installed[$package]:-}" ] || echo "$package"; done
}

# apt_install [OPTION…] PACKAGE… — asks nothing, and starts no service of what it installs.
apt_install() {
  local guard=/usr/sbin/policy-rc.d status=0
  if [ ! -e $guard ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $guard >/dev/null
    as_root chmod 0755 $guard
  else
    guard=
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confold -o Acquire::Retries=3 install "$@" </dev/null >&2 || status=$?
  [ -z "$guard" ] || as_root rm -f "$guard"
  return $status
}

# need_catch2 VERSION — Catch2 3: packaged in Debian 13; in Debian 12 its backports suite has it.
need_catch2() {
  local options=()
  [ -n "$(missing_of catch2)" ] || dpkg --compare-versions "$(dpkg-query -W -f='${Version}' catch2)" lt 3 || return 0
  if [ "$1" = 12 ]; then
    say "installing Catch2 3 from Debian 12's backports suite"
    isolated_apt bookworm-backports deb >"$cache/apt/options"
    mapfile -t options <"$cache/apt/options"
    as_root apt-get "${options[@]}" -q update </dev/null >&2
  else
    say "installing: catch2"
  fi
  apt_install "${options[@]}" catch2
}

# need PURPOSE… — everything of these purposes is there afterwards; at once where it was.
need() {
  local version purpose packages=() missing
  version=$(debian_version)
  for purpose in "$@"; do
    # shellcheck disable=SC2207 # package names have no spaces
    packages+=($(packages_for "$purpose" "$version"))
  done
  missing=$(missing_of "${packages[@]}" | sort -u | paste -sd' ')
  if [ -n "$missing" ]; then
    say "installing: $missing"
    as_root apt-get -q -o Acquire::Retries=3 update </dev/null >&2
    # shellcheck disable=SC2086
    apt_install $missing || fail "apt-get could not install: $missing"
    # A peer of the tests shall not take port 500 of this machine after the next boot.
    if [ -d /run/systemd/system ] && [[ " $missing " == *" strongswan-charon "* ]]; then
      as_root systemctl disable strongswan-starter >&2 || true
    fi
  fi
  case " $* " in *' test '*) need_catch2 "$version" ;; esac
}

# need_guests — user-mode-linux, and the root file system of the peers in it. Where they cannot be had, this says why and
# goes on: the interop cases with such peers are then skipped, which ctest shows.
need_guests() {
  (need guests) && "$repo/tools/dev/peer_root.sh" >/dev/null ||
    say "peers inside user-mode-linux cannot be had: their interop cases will be skipped"
}
