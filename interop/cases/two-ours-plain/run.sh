for side in ours peer; do
  (umask 077 && sed "s|STATE|$work/$side.state|" "$case_dir/ours.yaml" >"$work/$side.yaml")
  start_ikev2d $side $side "$work/$side.yaml"
done

# raw_sockets SIDE — the IP protocols of the raw sockets for IPv4 that stand there, sorted.
raw_sockets() { on "$1" sed -nE 's/^ *[0-9]+: [0-9A-F]+:([0-9A-F]{4}) .*/\1/p' /proc/net/raw | sort -u | tr '\n' ' '; }

# commands SIDE KIND — tun alone, or tun and comp in a group, for 192.168.0.0/16, or comp alone between the hosts. Both networks, and
# both outer addresses, lie in that prefix, which is local and remote at once.
commands() {
  local here=192.168.100.3 there=192.168.100.2 name=tun
  [ "$1" = ours ] || { here=192.168.100.2; there=192.168.100.3; }
  for pair in "$here $there" "$there $here"; do
    set -- "$1" "$2" $pair
    case $2 in
      tun) echo "spi --said tun.3d0@$4 --src $3 --ip4 --alone" ;;
      comp) echo "spi --said comp.3d0@$4 --src $3 --comp deflate --alone" ;;
      group)
        echo "spi --said tun.3d0@$4 --src $3 --ip4"
        echo "spi --said comp.3d0@$4 --src $3 --comp deflate"
        echo "spigrp --said tun.3d0@$4 comp.3d0@$4"
        ;;
    esac
  done
  if [ "$2" = comp ]; then
    echo "eroute --add --src $here/32 --dst $there/32 --said comp.3d0@$there"
  else
    echo "eroute --add --src 192.168.0.0/16 --dst 192.168.0.0/16 --said tun.3d0@$there"
    echo "eroute --addin --src 192.168.0.0/16 --dst 192.168.0.0/16 --said tun.3d0@$here"
  fi
}

# exchange SOURCE TARGET — 300 packets each way, compared; half of them can be compressed.
exchange() {
  said=$(on ours python3 "$repo/tools/echo.py" --source "$1" --count 300 --random 1 1400 --window 8 --text "$2" 2>&1) || die "pings lost: $said"
  note "$said"
}

# guard_drops — how many packets our guard has dropped.
guard_drops() { on ours nft list ruleset | awk '/counter packets/ { sum += $3 } END { print sum + 0 }'; }

# from_stranger — a packet of IP in IP from an address that is no peer's, from the same link.
from_stranger() {
  on peer python3 -c '
import socket
inner = bytes.fromhex("4500001c000000004001000000000000") + socket.inet_aton("192.168.124.1") + bytes.fromhex("0800f7ff00000000")
with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IPIP) as stranger:
    stranger.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 0x1ce2)  # past the routes of the daemon on this side
    stranger.bind(("192.168.100.9", 0))
    stranger.sendto(inner, ("192.168.100.3", 0))'
}

without=$(raw_sockets ours)
on peer ip addr add 192.168.100.9/24 dev out0
on ours ping -n -q -c 1 -W 5 192.168.100.2 >/dev/null || die "the two do not find each other"
for kind in tun group comp; do
  step "$kind"
  for side in ours peer; do
    commands $side $kind >"$work/$side-$kind.commands"
    ctl $side -f "$work/$side-$kind.commands" 2>"$work/said" || die "ikectl -f $side-$kind.commands exits with $?: $(cat "$work/said")"
    grep -q 'in clear' "$work/said" || die "nothing says that the packets are in clear: $(cat "$work/said")"
  done
  note "raw sockets: $(raw_sockets ours)"
  capture ours out0 "$work/$kind.pcap"
  if [ $kind = comp ]; then
    exchange 192.168.100.3 192.168.100.2
  else
    exchange 192.168.124.1 192.168.125.1
    before=$(counter in-no-sa)
    dropped=$(guard_drops)
    from_stranger
    wait_until 5 eval '[ "$(guard_drops)" -gt "$dropped" ]' ||
      die "the guard has not dropped the stranger's packet"
    [ "$(counter in-no-sa)" = "$before" ] || die "the stranger's packet came through to the daemon"
    note "the guard has dropped a stranger's packet"
  fi
  stop_capture
  for side in ours peer; do
    ctl $side eroute --clear && ctl $side spi --clear || die "the tables of $side cannot be cleared"
  done
  wait_until 5 eval '[ "$(raw_sockets ours)" = "$without" ]' || die "raw sockets are left: $(raw_sockets ours), not $without"
done
for filter in 'tun:ip proto 4' 'group:ip proto 4' 'group:ip proto 108' 'comp:ip proto 108'; do
  seen=$(tcpdump -n -r "$work/${filter%%:*}.pcap" "${filter#*:}" 2>/dev/null | wc -l)
  [ "$seen" -ge 100 ] || die "only $seen packets of ${filter#*:} in ${filter%%:*}.pcap"
  note "${filter%%:*}: $seen packets of ${filter#*:}"
done
stop_pid "$peer_pid"
wait_line "$work/peer.log" 'process-ended status=0' 10 || die "the peer did not end cleanly"
