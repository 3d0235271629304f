# Shared by ./dev and the scripts in tools/dev: messages, privileges, apt in isolated folders.
# Sourced, never run.

set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${IKEV2D_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ikev2d}
jobs=${IKEV2D_JOBS:-$(nproc)}

say() { printf '==> %s\n' "$*" >&2; }
fail() { printf 'dev: %s\n' "$*" >&2; exit 1; }

# as_root CMD… — runs CMD as root, through sudo where we are not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || fail "this step needs root: $* (run as root, or install sudo)"
  sudo "$@"
}

# debian_version — 12, 13, …; anything else is refused with a reason.
debian_version() {
  local id version
  id=$(. /etc/os-release && echo "${ID:-}")
  version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  [ "$id" = debian ] || fail "Debian 12 or 13 is supported, this is '${id:-unknown}'"
  case $version in
    12|13) echo "$version" ;;
    *) fail "Debian 12 or 13 is supported, this is Debian '${version:-unstable}'" ;;
  esac
}

# debian_mirror — the URI that this machine's own apt configuration uses for Debian's main archive.
debian_mirror() {
  local uri
  uri=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }')
  [ -n "$uri" ] || fail "no Debian archive in the apt configuration (/etc/apt/sources.list*)"
  echo "${uri%/}"
}

# isolated_apt SUITE TYPES — prints apt-get options that see SUITE of the machine's mirror, and nothing else,
# with package lists in the cache folder; the system's apt configuration stays as it is.
isolated_apt() {
  local suite=$1 types=$2 dir=$cache/apt/$1
  mkdir -p "$dir/lists/partial" "$dir/archives/partial"
  printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    "$types" "$(debian_mirror)" "$suite" >"$dir/suite.sources"
  printf '%s\n' -o "Dir::Etc::sourcelist=$dir/suite.sources" -o Dir::Etc::sourceparts=- \
    -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir" -o APT::Sandbox::User=root -o Acquire::Languages=none
}
