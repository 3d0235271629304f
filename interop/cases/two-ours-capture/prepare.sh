on ours ip addr add 10.0.124.1/24 dev in0
on peer ip addr add 10.0.125.1/24 dev in0
