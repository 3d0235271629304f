initiate_from_us
expect_agreement
step "sizes"
for size in 0 1 2 3 15 16 17 63 500 1300 1301 1302 1303 1400 1472 2000 3000; do
  out=$(on ours ping -q -n -c 2 -i 0.01 -W 2 -s $size -M dont -I 192.168.124.1 192.168.125.1 2>&1) || die "size $size: $out"
  grep -q ' 0% packet loss' <<<"$out" || die "size $size: $out"
done
note "every size came back"
