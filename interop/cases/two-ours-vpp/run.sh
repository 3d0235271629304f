. "$here/two_hosts.sh"

# begin NAME — both daemons without a profile, then the commands of NAME, those of the peer last.
begin() {
  local side
  run=$1
  for side in ours peer; do
    (umask 077 && sed "s|STATE|$work/$run.$side.state|" "$case_dir/ours.yaml" >"$work/$side-$run.yaml")
    sed "s|WORK|$work|" "$case_dir/$run.$side.commands" >"$work/$run.$side.commands"
    start_ikev2d "${side}_$run" $side "$work/$side-$run.yaml"
    ctl "${side}_$run" -f "$work/$run.$side.commands" || die "ikectl -f $run.$side.commands exits with $?"
  done
}

finish() {
  local side pid
  for side in ours peer; do
    pid=${side}_${run}_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_$run.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
}

# printed NAME COMMAND… — prints exactly the file NAME of the case; numbers that change are masked.
printed() {
  local expected=$case_dir/$1
  shift
  ctl "ours_$run" "$@" | sed -E 's/\b(ispi|rspi|spi\([ir]\)|SK_d   ) [0-9a-f]+\b/\1 HEX/g; s/\b([ir]):[0-9a-f]{16,}/\1:HEX/
    s/-spi [0-9]+/-spi N/; s/\bseq [0-9]+/seq N/; s/window [01]{64}/window BITS/; s/-(crypto|integrity) (\S+) [0-9a-f]+/-\1 \2 KEY/' >"$work/printed"
  diff -u "$expected" "$work/printed" || die "ikectl $* prints something else"
}

# refused REGEX COMMAND… — exits with 1, and says so.
refused() {
  local status=0 regex=$1
  shift
  ctl "ours_$run" "$@" >"$work/refusal" 2>&1 || status=$?
  [ $status -eq 1 ] && grep -Eq "$regex" "$work/refusal" || die "$*: exits with $status: $(cat "$work/refusal")"
  note "$(cat "$work/refusal")"
}

# child_spi — the SPI by which the initiator receives, as the listing prints it.
child_spi() { ctl "ours_$run" show ikev2 sa details | sed -nE 's/^ +spi\(i\) ([0-9a-f]+) .*/\1/p'; }

step "the page's IKEv2 example: a PSK, aes-cbc-256 and aes-cbc-192 with sha1-96"
begin psk
ping_across ours 5
ping_across peer 5
printed psk.profile show ikev2 profile --format wiki --secrets
printed psk.sa show ikev2 sa --format wiki --secrets
printed psk.ipsec show ipsec --format wiki --secrets
ctl ours_psk show ikev2 profile | grep -q 'auth data \[redacted\]' || die "the PSK is listed without --secrets"
refused 'ip link set dev GigabitEthernet0/8/0 up' set int state GigabitEthernet0/8/0 up
refused 'ip address add 192.168.100.3/24 dev' set int ip address GigabitEthernet0/8/0 192.168.100.3/24
refused 'is of .*ours-psk.yaml|no profile' ikev2 profile set site udp-encap

step "a child is rekeyed and deleted, and the IKE SA deleted, by the SPIs of the listing"
before=$(child_spi)
ctl ours_psk ikev2 initiate rekey-child-sa "$before" || die "rekey-child-sa exits with $?"
wait_until 10 eval '[ "$(child_spi | wc -l)" = 1 ] && [ "$(child_spi)" != "$before" ]' || die "the child is not replaced: $(child_spi)"
ping_across ours 5
ctl ours_psk ikev2 initiate del-child-sa "$(child_spi)" || die "del-child-sa exits with $?"
[ -z "$(child_spi)" ] || die "the child is still there"
ctl ours_psk ikev2 initiate del-sa "$(ctl ours_psk show ikev2 sa | sed -nE 's/.* ispi ([0-9a-f]+) .*/\1/p')" || die "del-sa exits with $?"
[ -z "$(ctl ours_psk show ikev2 sa)" ] || die "the IKE SA is still there"
refused 'no child has this SPI' ikev2 initiate del-child-sa "$before"

step "what runs is saved, loads again, and changes by reload while packets cross"
ctl peer_psk config save "$work/saved.yaml" --secrets || die "config save exits with $?"
[ "$(stat -c %a "$work/saved.yaml")" = 600 ] || die "the saved file has mode $(stat -c %a "$work/saved.yaml")"
"$build/ikev2d" -c "$work/saved.yaml" --check || die "what was saved does not load"
ctl peer_psk config save | grep -q Vpp123 && die "the PSK is saved without --secrets"
stop_pid "$peer_psk_pid"
rm "$work/peer_psk.log"  # of the daemon before: what follows waits for lines of the next
start_ikev2d peer_psk peer "$work/saved.yaml"
ctl peer_psk initiate pr1 || die "initiate exits with $?"
on ours python3 "$repo/tools/echo.py" --source 192.168.124.1 --count 200 --interval 0.02 192.168.125.1 >"$work/echo" 2>&1 &
echo_pid=$!
sed -i 's/lifetime: 3600s/lifetime: 1800s/' "$work/saved.yaml"
cat >>"$work/saved.yaml" <<'YAML'
  other:
    local: {auth: {psk: x}}
    remote: {address: 192.168.100.77, auth: {psk: x}}
    children: {net: {}}
YAML
ctl peer_psk reload --dry-run | tee "$work/plan"
[ "$(cat "$work/plan")" = "$(printf 'add      other\nkeep     pr1\nrekey    pr1/net  lifetime')" ] || die "the plan is another"
ctl peer_psk status | grep -q other && die "a dry run has changed something"
ctl peer_psk reload >"$work/done" || die "reload exits with $?"
diff "$work/plan" "$work/done" || die "what was done is not what was told"
expect_log peer_psk 'event=child-rekeyed' 10
wait $echo_pid || die "packets were lost: $(cat "$work/echo")"
note "$(tail -n 1 "$work/echo")"
printf '  pr1: {bogus: 1}\n' >>"$work/saved.yaml"
status=0
ctl peer_psk reload >"$work/refusal" 2>&1 || status=$?
[ $status -eq 1 ] && grep -Eq 'saved.yaml:[0-9]+:[0-9]+: error: ' "$work/refusal" || die "a broken file: $status, $(cat "$work/refusal")"
ping_across ours 5
finish

step "the page's second example: RSA signatures, each side knowing the other's certificate"
pki self-signed --id fqdn:vpp.home --type rsa-2048 --out server
pki self-signed --id fqdn:roadwarrior.vpn.example.com --type rsa-2048 --out client
begin rsa
ping_across ours 5
ping_across peer 5
printed rsa.sa show ikev2 sa --format wiki --secrets
printed rsa.ipsec show ipsec --format wiki --secrets
ctl ours_rsa show ikev2 profile | grep -q "auth-method rsa-sig auth data $work/client.pem" || die "the profile lists no certificate"
finish

step "the page's first example: ESP in transport mode with keys set by hand"
capture ours out0 "$work/manual.pcap"
begin manual
ping_host ours 192.168.100.2 9 56
printed manual.ipsec show ipsec --format wiki --secrets
ctl ours_manual show ipsec all
ctl ours_manual set ipsec sa 10 crypto-key 4a506a794f574265564551694d653769 integ-key 4339314b55523947594d6d3547666b45764e6a59 || die "set ipsec sa exits with $?"
ctl peer_manual set ipsec sa 20 crypto-key 4a506a794f574265564551694d653769 integ-key 4339314b55523947594d6d3547666b45764e6a59 || die "set ipsec sa exits with $?"
ping_host ours 192.168.100.2 5 56
stop_capture
tcpdump -n -r "$work/manual.pcap" 'esp and src 192.168.100.3' 2>/dev/null | head -n 1 | grep -q 'spi=0x000003e9,seq=0x1), length 116' ||
  die "the first packet is not as on the page"
finish
