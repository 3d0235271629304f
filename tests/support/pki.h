// Keys and certificates of tests, drawn from a generator that gives the same octets each time.
#pragma once

#include <map>
#include <random>
#include <string>

#include "crypto/distinguished_name.h"
#include "crypto/pki.h"

namespace test_pki {

constexpr std::int64_t kNow = 1'800'000'000;  // 2027-01-15 08:00:00 UTC
constexpr std::int64_t kDay = 86400;

class FixedRng final : public base::Rng {
 public:
  explicit FixedRng(std::uint64_t seed) : random_(seed) {}
  void fill(base::MutableByteSpan out) override {
    for (auto& octet : out) octet = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937_64 random_;
};

inline FixedRng& rng() {
  static FixedRng generator(7);
  return generator;
}

using Key = std::shared_ptr<const crypto::PrivateKey>;

// A key for a name, made once in a program: RSA keys are slow to draw.
inline Key key(const std::string& owner, crypto::KeyType type = crypto::KeyType::ecdsa_256) {
  static std::map<std::pair<std::string, crypto::KeyType>, Key> made;
  Key& found = made[{owner, type}];
  if (!found) found = crypto::make_private_key({type, 2048}, rng()).value();
  return found;
}
inline std::shared_ptr<const crypto::PublicKey> public_half(const Key& key) {
  return crypto::load_public_key(key->spki()).value();
}

inline crypto::GeneralNames names(std::vector<std::string> dns, std::vector<std::string> email = {},
                                  std::vector<base::Bytes> ip = {}) {
  crypto::GeneralNames out;
  out.dns = std::move(dns);
  out.email = std::move(email);
  out.ip = std::move(ip);
  return out;
}

// Valid from yesterday for a year.
inline crypto::CertificateRequest request(const std::string& subject) {
  crypto::CertificateRequest out;
  out.subject = crypto::parse_dn(subject).value();
  out.not_before = kNow - kDay;
  out.not_after = kNow + 365 * kDay;
  return out;
}
inline crypto::CertificateRequest ca_request(const std::string& subject) {
  auto out = request(subject);
  out.ca = true;
  return out;
}
inline crypto::CertificateRequest host_request(const std::string& dns) {
  auto out = request("CN=" + dns);
  out.names.dns = {dns};
  return out;
}

inline crypto::CertificatePtr certify(const crypto::CertificateRequest& request, const Key& key,
                                      const crypto::Issuer* issuer = nullptr) {
  return crypto::parse_certificate(crypto::make_certificate(request, *key, issuer, rng()).value()).value();
}

// A CA with its key.
inline crypto::Issuer authority(const std::string& subject, const crypto::Issuer* above = nullptr) {
  const Key own = key(subject);
  return {certify(ca_request(subject), own, above), own};
}

}  // namespace test_pki
