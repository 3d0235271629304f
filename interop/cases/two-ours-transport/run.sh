. "$here/two_hosts.sh"

for encap in udp esp; do
  between_hosts "$encap" 192.168.100.3 192.168.100.2 transport esp
  between_hosts "$encap" 2001:db8::3 2001:db8::2 transport esp
done
