#include "apps/ctl/wireshark_keys.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>

namespace ctl {
namespace {

using control::ChildView;
using control::IkeSaView;

struct Word {
  std::string_view begins;  // with what our name begins
  std::string_view theirs;
};

// Names that begin with others stand in front of those.
template <std::size_t n>
std::optional<std::string_view> find(const std::array<Word, n>& words, std::string_view ours) {
  for (const Word& word : words) {
    if (ours.substr(0, word.begins.size()) == word.begins) return word.theirs;
  }
  return {};
}

constexpr std::array<Word, 10> kEspEncryption = {{
    {"null", "NULL"},
    {"des", "DES-CBC [RFC2405]"},
    {"3des", "TripleDES-CBC [RFC2451]"},
    {"aes-cbc", "AES-CBC [RFC3602]"},
    {"aes-ctr", "AES-CTR [RFC3686]"},
    {"aes-gcm-8-", "AES-GCM with 8 octet ICV [RFC4106]"},
    {"aes-gcm-12-", "AES-GCM with 12 octet ICV [RFC4106]"},
    {"aes-gcm", "AES-GCM with 16 octet ICV [RFC4106]"},
    {"chacha20", "ChaCha20 with Poly1305 [RFC7634]"},
    {"aes-gmac", "NULL"},
}};
constexpr std::array<Word, 8> kEspIntegrity = {{
    {"md5-96", "HMAC-MD5-96 [RFC2403]"},
    {"sha1-96", "HMAC-SHA-1-96 [RFC2404]"},
    {"sha2-256-96", "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]"},
    {"hmac-sha2-256-128", "HMAC-SHA-256-128 [RFC4868]"},
    {"hmac-sha2-384-192", "HMAC-SHA-384-192 [RFC4868]"},
    {"hmac-sha2-512-256", "HMAC-SHA-512-256 [RFC4868]"},
    {"aes-xcbc-96", "ANY 96 bit authentication [no checking]"},
    {"aes-cmac-96", "ANY 96 bit authentication [no checking]"},
}};

struct Half {
  std::string_view source, destination, spi, encryption_key, integrity_key;
};

// Wireshark checks ICVs without the high half of extended sequence numbers: then it is told not to.
std::string_view integrity_word(const ChildView& child, std::string_view word) {
  if (!child.esn) return word;
  if (word.find("-96 ") != word.npos) return "ANY 96 bit authentication [no checking]";
  if (word.find("-128 ") != word.npos) return "ANY 128 bit authentication [no checking]";
  if (word.find("-192 ") != word.npos) return "ANY 192 bit authentication [no checking]";
  if (word.find("-256 ") != word.npos) return "ANY 256 bit authentication [no checking]";
  return word;
}

std::string hex_key(std::string_view key) { return key.empty() ? std::string() : fmt::format("0x{}", key); }

void add_half(std::vector<std::string>& out, const ChildView& child, const Half& half) {
  const auto encryption = find(kEspEncryption, child.encr);
  std::string_view integrity = "NULL";
  bool known = encryption.has_value();
  if (child.integ) {
    const auto word = find(kEspIntegrity, *child.integ);
    known = known && word.has_value();
    if (word) integrity = integrity_word(child, *word);
  }
  if (child.encr.rfind("aes-gmac", 0) == 0) integrity = "ANY 128 bit authentication [no checking]";
  if (!known) return;
  const bool v6 = half.source.find(':') != half.source.npos;
  const bool encrypts = *encryption != "NULL";
  out.push_back(fmt::format(R"("{}","{}","{}","0x{}","{}","{}","{}","{}")", v6 ? "IPv6" : "IPv4", half.source,
                            half.destination, half.spi, *encryption,
                            encrypts ? hex_key(half.encryption_key) : "", integrity,
                            hex_key(half.integrity_key)));
}

void add_child(std::vector<std::string>& out, const IkeSaView& sa, const ChildView& child) {
  if (!child.keys || child.protocol != "esp") return;
  const std::string& local = child.outer_local.empty() ? sa.local.address : child.outer_local;
  const std::string& remote = child.outer_remote.empty() ? sa.remote.address : child.outer_remote;
  const control::KeyView& keys = *child.keys;
  add_half(out, child, {remote, local, child.spi_in, keys.encr_in, keys.integ_in});
  add_half(out, child, {local, remote, child.spi_out, keys.encr_out, keys.integ_out});
}

// "aes-cbc-256" is one word of theirs for each key length; "aes-gcm-16-256" has the ICV's length too.
std::optional<std::string> ike_encryption(std::string_view ours) {
  const std::size_t dash = ours.rfind('-');
  const std::string_view bits = dash == ours.npos ? std::string_view() : ours.substr(dash + 1);
  if (ours.substr(0, 4) == "3des") return "3DES [RFC2451]";
  if (ours.substr(0, 7) == "aes-cbc") return fmt::format("AES-CBC-{} [RFC3602]", bits);
  for (const std::string_view mode : {"gcm", "ccm"}) {
    if (ours.substr(0, 7) != fmt::format("aes-{}", mode)) continue;
    std::string_view icv = "16";
    for (const std::string_view shorter : {"8", "12"}) {
      if (ours.substr(0, 8 + shorter.size() + 1) == fmt::format("aes-{}-{}-", mode, shorter)) icv = shorter;
    }
    return fmt::format("AES-{}-{} with {} octet ICV [RFC5282]", mode == "gcm" ? "GCM" : "CCM", bits, icv);
  }
  return {};
}

constexpr std::array<Word, 6> kIkeIntegrity = {{
    {"md5-96", "HMAC_MD5_96 [RFC2403]"},
    {"sha1-96", "HMAC_SHA1_96 [RFC2404]"},
    {"sha2-256-96", "HMAC_SHA2_256_96 [draft-ietf-ipsec-ciph-sha-256-00]"},
    {"hmac-sha2-256-128", "HMAC_SHA2_256_128 [RFC4868]"},
    {"hmac-sha2-384-192", "HMAC_SHA2_384_192 [RFC4868]"},
    {"hmac-sha2-512-256", "HMAC_SHA2_512_256 [RFC4868]"},
}};

}  // namespace

std::vector<std::string> esp_sa_lines(const control::StatusView& status) {
  std::vector<std::string> out;
  for (const IkeSaView& sa : status.ike_sas) {
    for (const ChildView& child : sa.children) add_child(out, sa, child);
  }
  return out;
}

std::vector<std::string> ikev2_lines(const control::StatusView& status) {
  std::vector<std::string> out;
  for (const IkeSaView& sa : status.ike_sas) {
    const auto encryption = ike_encryption(sa.encr);
    const auto integrity =
        sa.integ ? find(kIkeIntegrity, *sa.integ) : std::optional<std::string_view>("NONE [RFC4306]");
    if (!sa.keys || !encryption || !integrity) continue;
    const control::IkeKeyView& k = *sa.keys;
    out.push_back(fmt::format(R"({},{},{},{},"{}",{},{},"{}")", sa.initiator_spi, sa.responder_spi, k.sk_ei,
                              k.sk_er, *encryption, k.sk_ai, k.sk_ar, *integrity));
  }
  return out;
}

}  // namespace ctl
