# Peers inside user-mode-linux: a Linux kernel with its own ESP and AH as an ordinary process. Sourced by interop/run.sh
# through a peer's peer.sh; the functions of tools/netns.sh are there.
#
#     inside          outer link                               inside
#   192.168.124.1  [ours] 192.168.100.3 -- out0=vec0 -- 192.168.100.2 [guest]  192.168.125.1
#
# The guest's network device is the tap device out0 of the namespace `ours`. Its root is made by tools/dev/peer_root.sh
# and mounted read-only; the folder NAME of the working folder is its /case, where its logs are written.

guest_root=${IKEV2D_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ikev2d}/peer-root
guest_boot_limit=120 # seconds; 3 where nothing else runs
guest_command_limit=30

# skip REASON… — ends the case as one that was not run.
skip() { printf 'SKIPPED: %s\n' "$*"; exit 77; }

# guest_require — what a guest needs, or the case is skipped, with the reason.
guest_require() {
  command -v linux.uml >/dev/null || skip "linux.uml is missing (package user-mode-linux; Debian has it for amd64 only)"
  [ -d /usr/lib/uml/modules ] || skip "/usr/lib/uml/modules is missing (package user-mode-linux)"
  [ -e "$guest_root/stamp" ] || skip "no root file system for the peers in $guest_root" \
    "(./dev test makes it; $(cat "$guest_root.failed" 2>/dev/null || echo 'or tools/dev/peer_root.sh'))"
}

# guest_memory — a folder for the guest's memory: a file of 256 MB that the guest's processes map and execute.
guest_memory() {
  local options
  options=$(findmnt -n -o OPTIONS -T /dev/shm 2>/dev/null) || options=noexec
  if [[ ,$options, != *,noexec,* ]] && [ "$(df --output=avail -B1M /dev/shm | tail -n 1)" -ge 512 ]; then
    echo /dev/shm
  else
    echo "$work"
  fi
}

# guest_start NAME NAMESPACE TAP — boots a guest whose vec0 is the tap device TAP, which is made in NAMESPACE. Its MTU, which can
# become smaller and never larger, is that of the case's file `link_mtu`.
guest_start() {
  local name=$1 dir=$work/$1 begin=${EPOCHREALTIME/./} to from mtu
  mtu=$(cat "$case_dir/link_mtu" 2>/dev/null || echo 1500)
  step "booting the peer's kernel in user-mode-linux"
  mkdir -p "$dir"
  cp "$repo/interop/peers/guest/init.sh" "$dir/init.sh"
  : >"$dir/$name.log"
  ln -s "$name/$name.log" "$work/$name.log"
  mkfifo "$dir/to" "$dir/from"
  exec {to}<>"$dir/to" {from}<>"$dir/from"
  declare -g "${name}_to=$to" "${name}_from=$from"
  on "$2" ip tuntap add "$3" mode tap
  on "$2" ip link set "$3" up
  # A process namespace of its own: whatever ends the kernel ends the processes that carry its programs too.
  spawn "$work/$name-console.log" guest_carry ip netns exec "$prefix-$2" env TMPDIR="$(guest_memory)" HOME="$dir" \
    setpriv --pdeathsig KILL unshare --pid --fork --mount-proc --kill-child=KILL linux.uml mem=256M umid="$name" uml_dir="$dir" \
    root=/dev/root rootfstype=hostfs rootflags="$guest_root" ro init=/init case="$dir" \
    vec0:transport=tap,ifname="$3",depth=128,gro=1,mtu="$mtu" con=null con0=null,fd:1 ssl=null ssl0="fd:$to,fd:$from"
  declare -g "${name}_pid=$spawned"
  guest_await_boot "$name"
  note "ready after $(((${EPOCHREALTIME/./} - begin) / 1000)) ms: $(guest "$name" uname -sr)"
}

# guest_carry COMMAND… — COMMAND ends by force when this is told to end, and also when this is gone.
guest_carry() {
  local pid
  "$@" &
  pid=$!
  trap 'kill -KILL $pid 2>/dev/null' TERM
  wait $pid
}

# guest_await_boot NAME — until its init speaks, or the kernel ends, or the time is over.
guest_await_boot() {
  local from=${1}_from pid=${1}_pid console=$work/$1-console.log line deadline=$((SECONDS + guest_boot_limit))
  while ! IFS= read -r -t 1 -u "${!from}" line; do
    if ! kill -0 "${!pid}" 2>/dev/null; then
      : >"$work/$1/silent"
      ! grep -q -i 'ptrace.*\(not permitted\|denied\|failed\)' "$console" ||
        skip "user-mode-linux may not trace its processes here: $(grep -i -m1 ptrace "$console")"
      die "user-mode-linux does not boot: $(tail -n 5 "$console")"
    fi
    [ $SECONDS -lt $deadline ] || : >"$work/$1/silent"
    [ ! -e "$work/$1/silent" ] || die "user-mode-linux is not up after $guest_boot_limit s: $(tail -n 5 "$console")"
  done
  [ "$line" = ready ] || die "the guest says '$line' in place of 'ready'"
}

# guest NAME COMMAND… — runs COMMAND by the guest's bash; prints its output, returns its status. What runs in the
# background must have its output elsewhere (a file in /case).
guest() {
  local name=$1 dir=$work/$1 to=${1}_to from=${1}_from number answer
  shift
  [ ! -e "$dir/silent" ] || { echo "the guest does not answer any more"; return 1; }
  number=$(($(cat "$dir/number" 2>/dev/null || echo 0) + 1)) # a file: commands come from subshells too
  echo $number >"$dir/number"
  printf '%s\n' "$*" >"$dir/command.$number"
  echo $number >&"${!to}"
  read -r -t $guest_command_limit -u "${!from}" answer || {
    : >"$dir/silent"
    die "no answer from the guest within $guest_command_limit s: $*"
  }
  [[ $answer == "$number "* ]] || die "the guest answers '$answer' to command $number: $*"
  cat "$dir/output.$number"
  return "${answer#* }"
}

# guest_put NAME FILE MODE — standard input becomes FILE in the guest.
guest_put() {
  local file
  file=put.$(find "$work/$1" -name 'put.*' | wc -l) # a name for each: the guest does not see that a file has changed
  (umask 077 && cat >"$work/$1/$file")
  guest "$1" install -m "$3" "/case/$file" "$2" || die "the guest cannot write $2"
}

# guest_stop NAME — an orderly end; the kernel's process is gone when this returns.
guest_stop() {
  local to=${1}_to pid=${1}_pid
  echo quit >&"${!to}"
  timeout 5 tail --pid="${!pid}" -s 0.02 -f /dev/null || stop_pid "${!pid}"
}

# What run.sh asks of a peer, for all that live in a guest.

topology() {
  ns_add ours
  inside ours 192.168.124.1/24
  guest_require
  guest_start peer ours out0
  on ours ip addr add 192.168.100.3/24 dev out0
  on ours ip -6 addr add 2001:db8::3/64 dev out0 nodad
  guest peer "ip link set vec0 up && ip addr add 192.168.100.2/24 dev vec0 && ip -6 addr add 2001:db8::2/64 dev vec0 nodad &&
    ip link add in0 type dummy && ip link set in0 up && ip addr add 192.168.125.1/24 dev in0 &&
    ip route add default via 192.168.100.3" || die "the guest's addresses"
}

# peer_pings TARGET COUNT INTERVAL [SIZE…] — pings out of the guest; INTERVAL 0: the next one when an answer came.
peer_pings() {
  local target=$1 count=$2 pace="-i $3" size
  [ "$3" != 0 ] || pace=-f
  shift 3
  for size in "${@:-56}"; do
    guest peer "ping -q -n -c $count $pace -s $size -W 3 -I 192.168.125.1 $target" >"$work/guest-ping" || { cat "$work/guest-ping"; return 1; }
    grep -q ' 0% packet loss' "$work/guest-ping" || { cat "$work/guest-ping"; return 1; }
    grep transmitted "$work/guest-ping"
  done
}

# expect_child KEY=VALUE… — our one child has these values in `ikectl --json status`.
expect_child() {
  status_json >"$work/status.json"
  python3 - "$work/status.json" "$@" <<'PY' || die "our child is not as it should be"
import json, sys
sa, = json.load(open(sys.argv[1]))["ike_sas"]
child, = sa["children"]
wrong = [f"{key} is {child[key]}, not {value}" for key, value in (pair.split("=", 1) for pair in sys.argv[2:])
         if str(child[key]).lower() != value]
print("   ", "; ".join(wrong) if wrong else " ".join(sys.argv[2:]))
sys.exit(bool(wrong))
PY
}

# expect_carried COUNT — our one child has carried at least that many packets each way.
expect_carried() {
  status_json | python3 -c '
import json, sys
child = json.load(sys.stdin)["ike_sas"][0]["children"][0]
carried = [child["packets_in"], child["packets_out"]]
print("    the child has carried", *carried, "packets")
sys.exit(min(carried) < int(sys.argv[1]))' "$1" || die "packets went past the child: $1 were sent"
}

# expect_kernel_agreement — `ip xfrm state` of the guest says what `ikectl --json status` says. A peer that has just rekeyed may
# keep the old states for some seconds.
expect_kernel_agreement() {
  step "our status and the peer's kernel"
  wait_until 15 kernel_agrees || { cat "$work/compared"; die "our status and the peer's kernel do not agree"; }
  cat "$work/compared"
}
kernel_agrees() {
  status_json >"$work/status.json"
  guest peer ip -d xfrm state >"$work/xfrm-state"
  guest peer ip xfrm policy >"$work/xfrm-policy"
  python3 "$repo/interop/compare_xfrm.py" "$work/status.json" "$work/xfrm-state" "$work/xfrm-policy" >"$work/compared" 2>&1
}

# expect_nothing_left — neither we nor the guest's kernel has an SA, within the time that a deletion's exchange takes.
expect_nothing_left() {
  local deadline=$((SECONDS + 5)) ours kernel
  while :; do
    ours=$(status_json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["ike_sas"]))')
    kernel=$(guest peer ip xfrm state list | grep -c '^src' || true)
    [ "$ours$kernel" != 00 ] || break
    [ $SECONDS -lt $deadline ] || die "$ours IKE SAs are left here, and $kernel states in the peer's kernel"
  done
  note "no SA is left on either side"
}
