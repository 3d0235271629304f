capture peer out0 "$work/outer.pcap"
step "the other strongSwan initiates"
swan other --initiate --child net --timeout 10 || die "two strongSwans do not reach each other"
ping_across ours 20
ping_across peer 20
swan peer --list-sas
stop_capture
step "the outer link"
python3 "$repo/tools/check_capture.py" "$work/outer.pcap" --inner 192.168.124.0/24 192.168.125.0/24 --esp-at-least 80 ||
  die "the outer link carried something else"
