(umask 077 && cp "$case_dir/peer.yaml" "$work/peer.yaml")
start_ikev2d peer peer "$work/peer.yaml"
start_ours
