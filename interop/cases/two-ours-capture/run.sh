command -v tshark >/dev/null || { echo "skipped: tshark is missing (./dev installs it)"; exit 77; }

# decoded FILE FILTER [OPTION…] — how many packets of a capture tshark shows, with the keys that lie beside it.
decoded() {
  local file=$1 filter=$2
  shift 2
  mkdir -p "$work/wireshark"
  rm -f "$work/wireshark"/*
  for table in esp_sa ikev2_decryption_table; do
    if [ -f "$file.$table" ]; then cp "$file.$table" "$work/wireshark/$table"; fi
  done
  WIRESHARK_CONFIG_DIR=$work/wireshark tshark -n -r "$file" -o esp.enable_encryption_decode:TRUE "$@" -Y "$filter" 2>"$work/tshark.log" | tee "$work/tshark" | wc -l
}

# recorded FILE OPTION… — begins a capture for some seconds, and returns when it runs.
recorded() {
  local file=$1
  shift
  spawn "$file.log" "$build/ikectl" -s "$work/ours_$run.sock" capture "$file" --for 4s "$@"
  wait_until 5 test -s "$file" || die "no capture begins: $(cat "$file.log")"
}
ended() { wait_line "$1.log" 'process-ended status=0' 10 || die "the capture failed: $(cat "$1.log")"; }
ping_both() { on ours ping -n -q -c 5 -i 0.05 -W 3 -I "$1" "$2" >"$work/ping" || die "pings lost: $(cat "$work/ping")"; }

run=0
while read -r encap ike_suite suite; do
  run=$((run + 1))
  step "encap: $encap, $ike_suite, $suite"
  for side in ours peer; do
    (umask 077 && sed "s/ENCAP/$encap/; s|IKE_SUITE|$ike_suite|; s|SUITE|$suite|" "$case_dir/$side.yaml" >"$work/$side-$run.yaml")
    start_ikev2d "${side}_$run" $side "$work/$side-$run.yaml"
  done
  ctl ours_$run initiate other || die "ikectl initiate other exits with $?"
  outer=$work/outer-$run.pcapng
  recorded "$outer" --secrets
  ctl ours_$run initiate pr1 || die "ikectl initiate pr1 exits with $?"
  ping_both 192.168.124.1 192.168.125.1
  ping_both 10.0.124.1 10.0.125.1
  ended "$outer"
  [ "$(stat -c %a "$outer")" = 600 ] || die "the capture may be read by others"
  found=$(decoded "$outer" 'icmp && ip.addr == 192.168.124.1')
  [ "$found" = 10 ] || die "tshark finds $found of 10 pings: $(cat "$work/tshark" "$work/tshark.log")"
  note "tshark decrypts all pings of pr1"
  [ "$(decoded "$outer" 'isakmp.exchangetype == 35 && isakmp.auth.method')" -ge 2 ] || die "tshark does not decrypt IKE_AUTH: $(cat "$work/tshark.log")"
  note "tshark decrypts IKE_AUTH"
  [ "$(decoded "$outer" '_ws.malformed')" = 0 ] || die "damaged packets: $(cat "$work/tshark")"

  inner=$work/inner-$run.pcapng one=$work/one-$run.pcapng
  recorded "$inner" --plain --profile pr1
  ping_both 192.168.124.1 192.168.125.1
  ping_both 10.0.124.1 10.0.125.1
  ended "$inner"
  [ "$(decoded "$inner" 'icmp && ip.addr == 192.168.124.1')" = 10 ] || die "not all inner pings: $(cat "$work/tshark")"
  [ "$(decoded "$inner" 'ip')" = 10 ] || die "more than pr1's packets: $(cat "$work/tshark")"
  recorded "$one" --profile pr1
  ping_both 192.168.124.1 192.168.125.1
  ping_both 10.0.124.1 10.0.125.1
  ! ctl ours_$run capture "$work/second.pcapng" 2>"$work/second.log" || die "two captures at a time"
  grep -q 'running already' "$work/second.log" || die "the second capture says: $(cat "$work/second.log")"
  ended "$one"
  [ "$(decoded "$one" 'esp')" -ge 10 ] || die "pr1's packets are missing: $(cat "$work/tshark")"
  [ "$(tshark -n -r "$one" -Y esp -T fields -e esp.spi 2>/dev/null | sort -u | wc -l)" = 2 ] || die "more SAs than pr1's"
  for table in "$one".esp_sa "$one".ikev2_decryption_table "$inner".esp_sa "$inner".ikev2_decryption_table; do
    [ ! -e "$table" ] || die "keys without --secrets: $table"
  done
  for side in ours peer; do
    pid=${side}_${run}_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_$run.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
done <<'TABLE'
udp aes-cbc-256/hmac-sha2-256-128/hmac-sha2-256/curve25519 aes-gcm-128
esp aes-gcm-256/hmac-sha2-512/ecp-256 aes-cbc-192/sha1-96
esp aes-cbc-128/sha1-96/hmac-sha1/modp-2048 aes-ctr-128/hmac-sha2-512-256
TABLE
