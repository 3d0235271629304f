for side in ours peer; do
  install -m 0600 "$case_dir/$side.yaml" "$work/$side.yaml"
  start_ikev2d $side $side "$work/$side.yaml"
done
