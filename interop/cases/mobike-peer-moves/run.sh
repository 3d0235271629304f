initiate_from_peer
expect_log ours 'event=child-up'
ping_across peer 10
step "192.168.100.2 goes, 192.168.100.22 comes"
on peer ip addr add 192.168.100.22/24 dev out0
on peer ip addr del 192.168.100.2/24 dev out0
on peer ip addr show dev out0 | grep -q 100.22 || on peer ip addr add 192.168.100.22/24 dev out0
expect_log ours 'event=address-changed' 10
ping_across peer 10
ping_across ours 10
expect_agreement
