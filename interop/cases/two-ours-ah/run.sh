. "$here/two_hosts.sh"
. "$case_dir/options.sh"

for mode in transport tunnel; do
  between_hosts esp 192.168.100.3 192.168.100.2 $mode ah
  between_hosts esp 2001:db8::3 2001:db8::2 $mode ah
done
# Two of ours agree on UDP where they may; AH goes beside it.
between_hosts auto 192.168.100.3 192.168.100.2 transport ah
