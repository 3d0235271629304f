# Network namespaces, daemons and waiting, for the demonstration, the interop cases and the benchmark. Sourced.
#
# Everything that is made is written down and taken away again by `netns_cleanup`: processes by their pid, namespaces by
# their names, which carry a prefix and the pid of the script, and one working folder. Waiting is for events, with a limit.

set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

repo=${repo:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
build=${IKEV2D_BUILD:-$repo/build}
prefix=ikev2d-$$
work=
namespaces=()
pids=()

step() { printf '\n--- %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
die() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# netns_require — says what is missing, all of it, rather than failing somewhere later.
netns_require() {
  local missing=() tool
  [ "$(id -u)" -eq 0 ] || missing+=("root (network namespaces and TUN need it)")
  [ -c /dev/net/tun ] || missing+=("/dev/net/tun (load the module tun; in a container, pass the device in)")
  for tool in ip unshare nsenter ping tcpdump python3 curl; do
    command -v $tool >/dev/null || missing+=("the program $tool")
  done
  if [ "$(id -u)" -eq 0 ] && [ -c /dev/net/tun ]; then
    unshare -n true 2>/dev/null || missing+=("the right to make network namespaces (unshare -n is refused: CAP_SYS_ADMIN)")
    unshare -m true 2>/dev/null || missing+=("the right to make mount namespaces (unshare -m is refused: no CAP_SYS_ADMIN, or / is no mount point, as in a plain chroot)")
    unshare -n sh -c 'ip tuntap add dev probe0 mode tun' 2>/dev/null || missing+=("the right to make a TUN device (CAP_NET_ADMIN, and access to /dev/net/tun)")
    unshare -n sh -c 'ip link add probe0 type veth peer name probe1' 2>/dev/null || missing+=("veth devices (kernel module veth)")
  fi
  [ ${#missing[@]} -eq 0 ] || { printf 'missing: %s\n' "${missing[@]}" >&2; die "this machine lacks the above"; }
}

# netns_begin NAME — the working folder and the promise to clean up.
netns_begin() {
  netns_require
  work=$(mktemp -d "${TMPDIR:-/tmp}/ikev2d-$1.XXXXXX")
  chmod 0700 "$work"
  trap 'netns_cleanup' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

netns_cleanup() {
  local status=$? pid name i
  trap '' INT TERM HUP
  set +e
  [ $status -eq 0 ] || ! declare -F on_failure >/dev/null || (on_failure $status) # a failure in there ends only itself
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do stop_pid "${pids[i]}"; done
  for name in "${namespaces[@]}"; do
    ip netns pids "$name" 2>/dev/null | while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
    ip netns del "$name" 2>/dev/null
  done
  [ -z "$work" ] || [ -n "${IKEV2D_KEEP:-}" ] || rm -rf "$work"
  [ -z "${IKEV2D_KEEP:-}" ] || echo "kept: $work" >&2
  exit $status
}

# stop_pid PID — ends a process that we started and waits for it; after 8 s by force.
stop_pid() {
  kill -0 "$1" 2>/dev/null || return 0
  kill -TERM "$1" 2>/dev/null || true
  timeout 8 tail --pid="$1" -s 0.02 -f /dev/null || kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# ns_add NAME — a namespace with loopback up; IPv6 addresses are usable at once (no duplicate address detection).
ns_add() {
  ip netns add "$prefix-$1"
  namespaces+=("$prefix-$1")
  on "$1" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad; echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad' 2>/dev/null || true
  on "$1" ip link set lo up
}

# on NAME COMMAND… — runs COMMAND in the namespace.
on() {
  local name=$1
  shift
  ip netns exec "$prefix-$name" "$@"
}

# link A DEVICE B DEVICE — a cable between two namespaces, both ends up.
link() {
  ip link add "$2" netns "$prefix-$1" type veth peer name "$4" netns "$prefix-$3"
  on "$1" ip link set "$2" up
  on "$3" ip link set "$4" up
  link_ends[$1/$2]=$3/$4
  link_ends[$3/$4]=$1/$2
}
declare -A link_ends=()

# spawn LOG COMMAND… — starts COMMAND in the background; `spawned` is its pid. Its end is written into LOG.
spawn() {
  local log=$1
  shift
  : >>"$log"
  ( "$@" >>"$log" 2>&1 </dev/null &
    child=$!
    trap 'signalled=1; kill -TERM $child 2>/dev/null' TERM
    signalled=1
    while [ $signalled -eq 1 ]; do # a signal ends `wait` before the child has ended
      signalled=0
      wait $child && status=0 || status=$?
    done
    echo "process-ended status=$status" >>"$log"
    exit $status ) &
  spawned=$!
  pids+=("$spawned")
}

# wait_line FILE REGEX SECONDS — waits until a line of FILE matches (also one that is there already) and puts it into
# `matched`; 1 when time is up, or when the process that writes FILE ended without such a line. FILE may be made later.
wait_line() {
  local fd line tail_pid found=1 deadline=$((SECONDS + $3))
  : >>"$1"
  exec {fd}< <(exec tail -n +1 -f "$1" 2>/dev/null)
  tail_pid=$!
  while [ $SECONDS -le $deadline ] && IFS= read -r -t $((deadline - SECONDS + 1)) -u "$fd" line; do
    if [[ $line =~ $2 ]]; then
      matched=$line
      found=0
      break
    fi
    [[ $line != process-ended* ]] || break
  done
  kill "$tail_pid" 2>/dev/null || true
  exec {fd}<&-
  return $found
}

# capture NAME DEVICE FILE — tcpdump on a device, running when this returns. `stop_capture` ends it.
capture() {
  local end=${link_ends[$1/$2]}
  # No trains on this link: a capture shows them as one packet, which on a wire they are not.
  on "$1" ip link set "$2" gso_max_segs 1
  on "${end%/*}" ip link set "${end#*/}" gso_max_segs 1
  spawn "$3.log" ip netns exec "$prefix-$1" tcpdump -Z root -B 32768 -U --immediate-mode -s 4096 -i "$2" -w "$3"
  capture_pid=$spawned
  capture_file=$3
  wait_line "$3.log" 'listening on' 10 || die "tcpdump does not start: $(tail -n 3 "$3.log")"
}
stop_capture() {
  stop_pid "$capture_pid"
  wait_line "$capture_file.log" '^0 packets dropped by kernel' 2 || die "the capture has gaps: $(tail -n 4 "$capture_file.log")"
}

# start_ikev2d SIDE NAMESPACE CONFIG — our daemon; log and socket lie in the working folder as SIDE.log, SIDE.sock.
start_ikev2d() {
  [ -x "$build/ikev2d" ] || die "$build/ikev2d is not built (./dev build)"
  spawn "$work/$1.log" ip netns exec "$prefix-$2" "$build/ikev2d" -c "$3" -s "$work/$1.sock" --log-level "${IKEV2D_LOG_LEVEL:-debug}"
  declare -g "$1_pid=$spawned"
  wait_line "$work/$1.log" 'event=ready' 15 || die "ikev2d ($1) does not become ready: $(tail -n 3 "$work/$1.log")"
}

# ctl SIDE ARGUMENT… — ikectl to the daemon SIDE.
ctl() {
  local side=$1
  shift
  "$build/ikectl" -s "$work/$side.sock" "$@"
}

# wait_until SECONDS COMMAND… — asks again and again until the command succeeds; its last failure after SECONDS.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

# milliseconds COMMAND… — runs it, its output as it is; `elapsed_ms` holds how long it took. Returns its status.
milliseconds() {
  local begin=${EPOCHREALTIME/./} status=0
  "$@" || status=$?
  elapsed_ms=$(((${EPOCHREALTIME/./} - begin) / 1000))
  return $status
}
