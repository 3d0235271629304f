# load KIND LOCAL_AUTH REMOTE_AUTH OPTION… — twenty handshakes of that kind; `result` is the line of JSON.
load() {
  local kind=$1 mine=$2 theirs=$3
  shift 3
  (umask 077 && sed "s|LOCAL_AUTH|$mine|; s|REMOTE_AUTH|$theirs|" "$case_dir/load.yaml" >"$work/load-$kind.yaml")
  result=$(on peer timeout 60 "$build/tests/ike_load" "$work/load-$kind.yaml" --count 20 --id "fqdn:h*.$kind.load" --json "$@") ||
    die "ike_load ends with $?: $result"
  note "$kind: $result"
  grep -q '"established":20,"failed":0' <<<"$result" || die "not all of them came up"
}
standing() { status_json | python3 -c 'import json,sys; print(len({sa["remote"]["id"] for sa in json.load(sys.stdin)["ike_sas"] if sa["children"]}))'; }
stands() { [ "$(standing)" -eq "$1" ]; }
signature() { printf '{signature: {key: client-%s.key, cert: client-%s.pem}}' "$1" "$1"; }
pinned() { printf '{signature: {cert: gateway-%s.pem}}' "$1"; }

step "each is deleted before the next one begins"
load psk '{psk: Load123}' '{psk: Load123}' --in-flight 4 --delete
stands 0 || die "$(standing) SAs are left"

for type in ecdsa-256 rsa-2048; do
  step "$type: all are kept until a file appears"
  load $type "$(signature $type)" "$(pinned $type)" --hold "$work/go-$type" >"$work/load-$type.out" &
  generator=$!
  wait_until 30 stands 20 || die "only $(standing) SAs stand"
  touch "$work/go-$type"
  wait $generator || die "$(cat "$work/load-$type.out")"
  cat "$work/load-$type.out"
  stands 0 || die "$(standing) SAs are left"
done

step "with nothing on the initiator's side checked, and addresses of strangers"
load psk '{psk: Load123}' '{psk: Load123}' --light --delete
sed -i 's/192.168.100.3/192.0.2.1/' "$work/load-psk.yaml"
! on peer timeout 60 "$build/tests/ike_load" "$work/load-psk.yaml" >"$work/refused" 2>&1 || die "it talks to strangers"
grep -q 'no private address' "$work/refused" || die "it says: $(cat "$work/refused")"
note "$(cat "$work/refused")"
