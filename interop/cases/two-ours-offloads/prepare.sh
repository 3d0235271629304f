on ours ip -6 addr add fd00:124::1/64 dev in0 nodad
on peer ip -6 addr add fd00:125::1/64 dev in0 nodad
