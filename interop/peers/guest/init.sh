# The first process of a guest: mounts, modules, then the commands of the host, until the line `quit`.
# A command N is the file command.N of the host's folder and the line N; its output is the file output.N, and its answer
# the line `N STATUS`. Nothing long goes through the line itself: a guest's terminal stops for ever when its buffer is full.

mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t tmpfs ipsec /var/lib/ipsec
mount -t hostfs none /usr/lib/modules -o /usr/lib/uml/modules
# The random number generators first: without them no AEAD or CBC state can be made.
modprobe -a drbg jitterentropy_rng ansi_cprng
modprobe -a esp4 ah4 ipcomp xfrm_user gcm ghash_generic ctr cbc ecb ccm hmac md5 sha1_generic sha256_generic \
  sha512_generic crypto_null deflate authenc authencesn \
  echainiv seqiv des_generic chacha20poly1305 chacha_generic poly1305_generic cmac xcbc esp6 ah6 ipcomp6 xfrm4_tunnel \
  xfrm6_tunnel af_key dummy
# From now on the kernel loads nothing by itself: PF_KEY would ask for a hundred algorithms, by a process each.
echo >/proc/sys/kernel/modprobe
ip link set lo up
echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad

exec 3<>/dev/ttyS0
stty raw -echo <&3
echo ready >&3
while read -r number <&3 && [ "$number" != quit ]; do
  (. "/case/command.$number") 3<&- >"/case/output.$number" 2>&1 </dev/null
  echo "$number $?" >&3
done
# Only ever as a guest's first process: on a host this line would end the machine.
[ $$ -ne 1 ] || [ ! -d /case ] || ! grep -q 'User Mode Linux' /proc/cpuinfo || echo o >/proc/sysrq-trigger
