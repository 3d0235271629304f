# The addresses of the pages, beside those of the topology.
on ours ip addr add 192.168.43.2/24 dev out0
on ours ip -6 addr add 3049:1::1/64 dev out0
on peer ip addr add 192.168.43.1/24 dev out0
on peer ip -6 addr add 3049:1::2/64 dev out0
on ours ip addr add 172.16.0.2/16 dev in0
on peer ip addr add 10.6.0.2/16 dev in0
on ours ip -6 addr add 2001::1/48 dev out0
on peer ip -6 addr add 2001::2/48 dev out0
for side in ours peer; do
  (umask 077 && sed "s|STATE|$work/$side.state|" "$case_dir/$side.yaml" >"$work/$side.yaml")
  start_ikev2d $side $side "$work/$side.yaml"
done

# commands NAME — runs the commands of a page.
commands() { ctl ours -f "$case_dir/$1.commands" || die "ikectl -f $1.commands exits with $?"; }

# printed NAME COMMAND… — prints exactly the file NAME of the case; seconds are masked.
printed() {
  local expected=$case_dir/$1
  shift
  ctl ours "$@" | sed -E 's/(add|use|addtime|usetime)\([0-9]+,/\1(T,/g; s/ idle=[0-9]+/ idle=T/; s/^( *)\[[0-9]+\]/\1[N]/' >"$work/printed"
  diff -u "$expected" "$work/printed" || die "ikectl $* prints something else"
  note "ikectl $*"
}

# shows TEXT COMMAND… — prints a line with TEXT in it.
shows() {
  local text=$1
  shift
  ctl ours "$@" | grep -Fq "$text"
}

step "ipsec_spi(5): 14 packets out of a tunnel, 40 into an SA with a window of 32"
commands spi
on ours ping -q -n -c 14 -i 0.01 -W 1 -I 192.168.43.2 192.168.44.1 >"$work/ping" 2>&1 || true # nobody answers
on peer ping -q -n -c 40 -i 0.01 -W 1 3049:1::1 >"$work/ping" 2>&1 || true                    # answers are in clear
wait_until 10 shows 'seq=40 bit=0xffffffff' spi --format man || die "the 40 packets are not there: $(ctl ours spi --format man)"
wait_until 10 shows 'packets(14,0,0)' spi --format man || die "the 14 packets are not there: $(ctl ours spi --format man)"
printed spi.man spi --format man
printed spi.proc spi

step "ipsec_eroute(5): every example, and the eroute of the tunnel above"
commands eroute
printed eroute.man eroute --format man
printed eroute.proc eroute
ctl ours eroute --clear || die "eroute --clear exits with $?"
[ -z "$(ctl ours eroute)" ] || die "there are eroutes left: $(ctl ours eroute)"
ctl ours spi --clear || die "spi --clear exits with $?"

step "ipsec_spigrp(5) and spigrp(8): groups in both forms"
commands spigrp
printed spigrp.man spigrp --format man
printed spigrp.proc spigrp
ctl ours spi --del --said ah.116@192.168.2.2 || die "spi --del exits with $?"
! shows esp0x115@192.168.2.2 spigrp || die "a member is deleted and the chain is not"

step "ipsec_tncfg(5)"
printed tncfg.detached tncfg
ctl ours tncfg --attach --virtual ipsec0 --physical out0 || die "tncfg --attach exits with $?"
ctl ours tncfg | sed -E 's/mtu=[0-9]+\([0-9]+\)/mtu=16260(16260)/' | diff -u "$case_dir/tncfg.attached" - || die "tncfg prints something else"
ctl ours tncfg --detach --virtual ipsec0 || die "tncfg --detach exits with $?"
printed tncfg.detached tncfg

step "VPP's page: IPv4 over IPv6, two SPDs on each side"
ctl ours spi --clear || die "spi --clear exits with $?"
for side in ours peer; do
  ctl $side -f "$case_dir/ipv6.$side.commands" || die "ikectl -f ipv6.$side.commands exits with $?"
done
on ours ping -q -n -c 9 -i 0.05 -W 3 -I 172.16.0.2 10.6.0.2 >"$work/ping" || die "pings lost: $(cat "$work/ping")"
printed ipv6.ipsec show ipsec --format wiki --secrets
printed ipv6.all show ipsec all
