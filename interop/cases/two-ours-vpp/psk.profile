profile pr1
  auth-method shared-key-mic auth data Vpp123
  local id-type fqdn data vpp.home
  remote id-type fqdn data roadwarrior.vpn.example.com
  local traffic-selector addr 192.168.124.0 - 192.168.124.255 port 0 - 65535 protocol 0
  remote traffic-selector addr 192.168.125.0 - 192.168.125.255 port 0 - 65535 protocol 0
