IKEV2D_LOG_LEVEL=info # the debug lines of 20,000 dropped datagrams would be read one by one
for side in ours peer; do
  install -m 0600 "$case_dir/$side.yaml" "$work/$side.yaml"
  start_ikev2d $side $side "$work/$side.yaml"
done
