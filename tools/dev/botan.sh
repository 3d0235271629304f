#!/usr/bin/env bash
# Puts Botan 3 where CMake finds it, and prints that folder on standard output.
#
# Debian 13 packages Botan 3 (nothing to do, prints an empty line). Debian 12 has Botan 2 only: Debian 13's source
# package is fetched from the machine's own mirror, its signature chain checked by apt, built with the modules that
# ikev2d uses, and kept in the cache folder. About three minutes once; a stamp of version and modules decides.
. "$(dirname "$0")/common.sh"

# What ikev2d needs. A minimised build loses unnamed SIMD modules silently, so each is named.
common_modules="aes gcm gmac ghash cbc ctr ccm chacha20poly1305 chacha_simd32 sha1 sha2_32 sha2_64 md5 hmac cmac
 des rsa dh ecdh ecdsa ed25519 ed448 x25519 x448 ml_kem auto_rng system_rng x509 pbes2 emsa_pkcs1 emsa_pssr
 eme_pkcs1 aead aes_vperm ghash_cpu ghash_vperm
 pcurves_secp192r1 pcurves_secp224r1 pcurves_secp256r1 pcurves_secp384r1 pcurves_secp521r1
 pcurves_brainpool256r1 pcurves_brainpool384r1 pcurves_brainpool512r1 legacy_ec_point"
case $(uname -m) in
  x86_64) simd_modules="aes_ni aes_vaes chacha_avx2 chacha_avx512 sha1_x86 sha2_32_x86 sha2_64_bmi2" ;;
  aarch64) simd_modules="aes_armv8 sha1_armv8 sha2_32_armv8 sha2_64_armv8" ;;
  *) fail "Botan's module list knows x86-64 and aarch64, not $(uname -m)" ;;
esac
modules=$(printf '%s ' $common_modules $simd_modules | sed 's/ $//; s/ /,/g')

if [ "$(debian_version)" -ge 13 ]; then
  echo
  exit 0
fi

prefix=$cache/botan3
# --extra-cxxflags adds to Botan's own -O3; --cxxflags would replace it, and cost a factor of ninety.
options=(--minimized-build --build-targets=static --disable-shared-library --without-documentation
  --extra-cxxflags=-fPIC --enable-modules="$modules")
stamp=$(printf '%s ' "${options[@]}" "$(g++ -dumpfullversion)" | sha256sum | cut -c1-16)
# One build at a time: whoever waited finds it done.
mkdir -p "$cache"
exec 9>"$cache/botan.lock"
flock 9
if [ "$(cat "$prefix/stamp" 2>/dev/null)" = "$stamp" ]; then
  echo "$prefix"
  exit 0
fi

say "Botan 3 is not packaged for Debian 12: building it once from Debian 13's source (about 3 minutes)"
mapfile -t apt_options < <(isolated_apt trixie deb-src)
apt-get "${apt_options[@]}" -qq update
work=$cache/botan-source
rm -rf "$work" && mkdir -p "$work" && cd "$work"
# apt checks the archive's signature, and through it the hash of every file of the source package.
apt-get "${apt_options[@]}" -qq source --download-only botan3 >&2
dpkg-source --no-check -x ./*.dsc tree >/dev/null
cd tree
say "configuring Botan $(sed -n 's/^release_\(major\|minor\|patch\) = //p' src/build-data/version.txt | paste -sd.)"
python3 configure.py "${options[@]}" --prefix="$prefix.new" >"$work/configure.log" 2>&1 ||
  { tail -n 20 "$work/configure.log" >&2; fail "Botan's configure failed, see $work/configure.log"; }
say "compiling Botan with $jobs jobs"
make -j"$jobs" libs >"$work/make.log" 2>&1 || { tail -n 20 "$work/make.log" >&2; fail "Botan's build failed, see $work/make.log"; }
rm -rf "$prefix.new"
make install >"$work/install.log" 2>&1 || { tail -n 20 "$work/install.log" >&2; fail "Botan's install failed"; }
echo "$stamp" >"$prefix.new/stamp"
rm -rf "$prefix"
mv "$prefix.new" "$prefix"
rm -rf "$work/tree"
say "Botan 3 is in $prefix"
echo "$prefix"
