(umask 077 && sed "s|STATE|$work/state|" "$case_dir/ours.yaml" >"$work/ours.yaml")
start_ikev2d ours ours "$work/ours.yaml"
peer_state() { guest peer ip -s xfrm state; }
