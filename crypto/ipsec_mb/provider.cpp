#include "crypto/ipsec_mb/provider.h"

#include <algorithm>
#include <array>
#include <vector>

#include "crypto/ipsec_mb/engine_impl.h"

namespace crypto {
namespace ipsec_mb {

IMB_MGR* manager() {
  struct Manager {
    IMB_MGR* made = alloc_mb_mgr(0);
    Manager() {
      if (made != nullptr) init_mb_mgr_auto(made, nullptr);
    }
    ~Manager() { free_mb_mgr(made); }
  };
  thread_local const Manager kManager;
  return kManager.made;
}

}  // namespace ipsec_mb

namespace {

// What the engine has.
std::unique_ptr<Cipher> make(const CipherSpec& spec, base::ByteSpan encr_key, base::ByteSpan integ_key) {
  switch (spec.encr) {
    case Encr::aes_gcm_8:
    case Encr::aes_gcm_12:
    case Encr::aes_gcm_16:
      return ipsec_mb::make_gcm(spec, encr_key);
    case Encr::chacha20_poly1305:
      return ipsec_mb::make_chacha(encr_key);
    case Encr::aes_cbc:
    case Encr::aes_ctr:
      return ipsec_mb::make_cipher_and_hmac(spec, encr_key, integ_key);
    default:
      return nullptr;
  }
}

class IpsecMbProvider final : public Provider {
 public:
  explicit IpsecMbProvider(const Provider& behind) : behind_(behind) {}

  std::string name() const override { return "ipsec-mb"; }
  base::Result<std::unique_ptr<PrfFunction>> prf(Prf id) const override { return behind_.prf(id); }
  base::Result<std::unique_ptr<Cipher>> cipher(const CipherSpec& spec, base::ByteSpan encr_key,
                                               base::ByteSpan integ_key) const override {
    RETURN_IF_ERROR(check_keys(spec, encr_key, integ_key));
    if (auto made = make(spec, encr_key, integ_key)) return made;
    return behind_.cipher(spec, encr_key, integ_key);
  }
  base::Result<std::unique_ptr<KeyExchange>> key_exchange(Ke method, base::Rng& rng) const override {
    return behind_.key_exchange(method, rng);
  }
  std::array<std::uint8_t, 20> sha1(std::initializer_list<base::ByteSpan> data) const override {
    return behind_.sha1(data);
  }

 private:
  const Provider& behind_;
};

// A packet as ESP has it: 8 octets of aad, IV, text, tag. Filled with a pattern.
struct TestPacket {
  base::Bytes octets;
  CipherItem item;

  TestPacket(const Cipher& cipher, std::uint32_t length, std::uint8_t seed) {
    constexpr std::size_t kAad = 8;
    const std::size_t before = kAad + cipher.iv_size();
    octets.resize(before + length + cipher.icv_size());
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(seed + i * 7);
    item.aad = base::ByteSpan(octets).first(kAad);
    item.iv = base::ByteSpan(octets).subspan(kAad, cipher.iv_size());
    item.source = item.destination = &octets[before];
    item.length = length;
    item.tag = &octets[before + length];
  }
};

bool agree(Cipher& ours, Cipher& reference) {
  // Around the sizes at which implementations change their way.
  constexpr std::array<std::uint32_t, 8> kLengths{16, 48, 64, 128, 256, 512, 1424, 4096};
  std::vector<TestPacket> mine, theirs;
  std::vector<CipherItem> mine_items, their_items;
  for (const std::uint32_t length : kLengths) {
    const auto seed = static_cast<std::uint8_t>(length / 16);
    mine.emplace_back(ours, length, seed);
    theirs.emplace_back(reference, length, seed);
    mine_items.push_back(mine.back().item);
    their_items.push_back(theirs.back().item);
  }
  const auto good = [](const CipherItem& item) { return item.ok; };
  ours.seal(mine_items);
  reference.seal(their_items);
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (!mine_items[i].ok || mine[i].octets != theirs[i].octets) return false;
  }
  ours.open(their_items);
  reference.open(mine_items);
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (mine[i].octets != theirs[i].octets) return false;
  }
  if (!std::all_of(their_items.begin(), their_items.end(), good)) return false;
  // What was changed must not pass.
  ours.seal(mine_items);
  for (CipherItem& item : mine_items) item.destination[item.length - 1] ^= 1;
  ours.open(mine_items);
  return std::none_of(mine_items.begin(), mine_items.end(), good);
}

base::Status self_test(const Provider& behind) {
  std::vector<CipherSpec> specs;
  for (const auto bits : std::array<std::uint16_t, 3>{128, 192, 256}) {
    specs.push_back({Encr::aes_gcm_16, bits, Integ::none});
    for (const Integ integ :
         {Integ::sha1_96, Integ::hmac_sha2_256_128, Integ::hmac_sha2_384_192, Integ::hmac_sha2_512_256}) {
      specs.push_back({Encr::aes_cbc, bits, integ});
      specs.push_back({Encr::aes_ctr, bits, integ});
    }
  }
  specs.push_back({Encr::chacha20_poly1305, 256, Integ::none});
  for (const CipherSpec& spec : specs) {
    base::Bytes encr_key(encr_key_size(spec)), integ_key(integ_key_size(spec));
    for (std::size_t i = 0; i < encr_key.size(); ++i) encr_key[i] = static_cast<std::uint8_t>(i * 11 + 1);
    for (std::size_t i = 0; i < integ_key.size(); ++i) integ_key[i] = static_cast<std::uint8_t>(i * 13 + 5);
    ASSIGN_OR_RETURN(const auto reference, behind.cipher(spec, encr_key, integ_key));
    const auto ours = make(spec, encr_key, integ_key);
    if (ours == nullptr || !agree(*ours, *reference)) {
      return base::local_error("ipsec-mb does not agree with " + behind.name() + " on " +
                               crypto::name(spec.encr, spec.key_bits) +
                               (spec.aead() ? "" : " with " + crypto::name(spec.integ)));
    }
  }
  return {};
}

}  // namespace

bool has_ipsec_mb() { return ipsec_mb::manager() != nullptr && imb_get_errno(ipsec_mb::manager()) == 0; }

base::Result<std::unique_ptr<Provider>> make_ipsec_mb_provider(const Provider& behind) {
  if (!has_ipsec_mb()) return base::local_error("ipsec-mb does not run on this processor");
  RETURN_IF_ERROR(self_test(behind));
  return std::unique_ptr<Provider>(std::make_unique<IpsecMbProvider>(behind));
}

}  // namespace crypto
