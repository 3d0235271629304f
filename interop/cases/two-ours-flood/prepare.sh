ns_add third
link ours out1 third out0
on ours ip addr add 192.168.101.3/24 dev out1
on third ip addr add 192.168.101.4/24 dev out0
inside third 192.168.126.1/24
on ours ip route add default via 192.168.100.2 # where the answers to forged addresses go
on peer sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter'
IKEV2D_LOG_LEVEL=info
for side in ours peer third; do
  install -m 0600 "$case_dir/$side.yaml" "$work/$side.yaml"
  start_ikev2d $side $side "$work/$side.yaml"
done
