start_strongswan other ours "$case_dir/other.conf"
start_peer
