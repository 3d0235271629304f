#include <algorithm>
#include <array>

#include "crypto/ipsec_mb/engine_impl.h"

namespace crypto::ipsec_mb {
namespace {

constexpr std::size_t kMostJobs = 64, kMaxTag = 64, kMaxBlock = 128;

struct Hash {
  Integ id;
  IMB_HASH_ALG algorithm;
  std::size_t block;  // octets
};
constexpr std::array<Hash, 4> kHashes{{
    {Integ::sha1_96, IMB_AUTH_HMAC_SHA_1, 64},
    {Integ::hmac_sha2_256_128, IMB_AUTH_HMAC_SHA_256, 64},
    {Integ::hmac_sha2_384_192, IMB_AUTH_HMAC_SHA_384, 128},
    {Integ::hmac_sha2_512_256, IMB_AUTH_HMAC_SHA_512, 128},
}};

void hash_block(IMB_MGR* m, IMB_HASH_ALG algorithm, const std::uint8_t* block, std::uint8_t* out) {
  switch (algorithm) {
    case IMB_AUTH_HMAC_SHA_1:
      return IMB_SHA1_ONE_BLOCK(m, block, out);
    case IMB_AUTH_HMAC_SHA_256:
      return IMB_SHA256_ONE_BLOCK(m, block, out);
    case IMB_AUTH_HMAC_SHA_384:
      return IMB_SHA384_ONE_BLOCK(m, block, out);
    default:
      return IMB_SHA512_ONE_BLOCK(m, block, out);
  }
}

// AES-CBC (RFC 3602) or AES-CTR (RFC 3686) with an HMAC. The library works on several packets at once: a job
// goes in, and another comes out when it is done.
class CipherHmac final : public Cipher {
 public:
  CipherHmac(const CipherSpec& spec, const EncrInfo& encr, const Hash& hash, std::size_t icv,
             base::ByteSpan encr_key, base::ByteSpan integ_key)
      : Cipher(encr.iv, icv, encr.block, spec.encr == Encr::aes_cbc),
        counter_(spec.encr == Encr::aes_ctr),
        key_size_(spec.key_bits / 8u),
        hash_(hash) {
    IMB_MGR* const m = manager();
    const std::uint8_t* const octets = encr_key.data();
    switch (key_size_) {
      case 16:
        IMB_AES_KEYEXP_128(m, octets, keys_->encrypt, keys_->decrypt);
        break;
      case 24:
        IMB_AES_KEYEXP_192(m, octets, keys_->encrypt, keys_->decrypt);
        break;
      default:
        IMB_AES_KEYEXP_256(m, octets, keys_->encrypt, keys_->decrypt);
    }
    if (counter_) std::memcpy(keys_->salt, octets + key_size_, kSalt);
    expand(m, integ_key, 0x36, keys_->inner);
    expand(m, integ_key, 0x5c, keys_->outer);
  }

  void seal(std::span<CipherItem> items) noexcept override { run(items, true); }
  void open(std::span<CipherItem> items) noexcept override { run(items, false); }

 private:
  static constexpr std::size_t kSalt = 4;
  struct Keys {
    alignas(64) std::uint8_t encrypt[16 * 15];
    alignas(64) std::uint8_t decrypt[16 * 15];
    alignas(64) std::uint8_t inner[64];  // HMAC's state behind the block key ^ ipad
    alignas(64) std::uint8_t outer[64];
    std::uint8_t salt[kSalt];
  };
  // Beside the jobs, until they are done.
  struct Work {
    std::array<std::array<std::uint8_t, kMaxTag>, kMostJobs> computed;
    std::array<std::array<std::uint8_t, kMaxTag>, kMostJobs> received;
    alignas(16) std::array<std::array<std::uint8_t, 16>, kMostJobs> counters;
  };

  // RFC 2104 2; the keys of ESP are never longer than a block (RFC 2404 3, RFC 4868 2.1).
  void expand(IMB_MGR* m, base::ByteSpan key, std::uint8_t pad, std::uint8_t* out) const {
    std::array<std::uint8_t, kMaxBlock> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
    hash_block(m, hash_.algorithm, block.data(), out);
    base::wipe(block);
  }

  void run(std::span<CipherItem> items, bool sealing) noexcept {
    while (!items.empty()) {
      const std::size_t n = std::min(items.size(), kMostJobs);
      run_some(items.first(n), sealing);
      items = items.subspan(n);
    }
  }

  void run_some(std::span<CipherItem> items, bool sealing) noexcept {
    IMB_MGR* const m = manager();
    Work work;
    for (std::size_t i = 0; i < items.size(); ++i) {
      CipherItem& item = items[i];
      item.ok = false;
      if (m == nullptr || !in_line(item)) continue;
      fill(*IMB_GET_NEXT_JOB(m), item, sealing, work, i);
      note(IMB_SUBMIT_JOB_NOCHECK(m));
    }
    while (m != nullptr) {
      const IMB_JOB* const done = IMB_FLUSH_JOB(m);
      if (done == nullptr) break;
      note(done);
    }
    for (std::size_t i = 0; i < items.size(); ++i) finish(items[i], sealing, work, i);
  }

  static void note(const IMB_JOB* job) {
    if (job != nullptr) static_cast<CipherItem*>(job->user_data)->ok = job->status == IMB_STATUS_COMPLETED;
  }

  // Whether what is authenticated lies in one piece, and the high half of an ESN can be put behind it.
  bool in_line(const CipherItem& item) const {
    return item.iv.size() == iv_size() && item.aad.data() + item.aad.size() == item.iv.data() &&
           item.iv.data() + item.iv.size() == item.destination &&
           item.tag == item.destination + item.length && item.aad_tail.size() <= icv_size() &&
           item.length != 0 && item.length % block_size() == 0;
  }

  void fill(IMB_JOB& job, CipherItem& item, bool sealing, Work& work, std::size_t i) const {
    // The ESN's high half stands where the ICV will be, until that is computed.
    if (!sealing) std::memcpy(work.received[i].data(), item.tag, icv_size());
    if (!item.aad_tail.empty()) std::memcpy(item.tag, item.aad_tail.data(), item.aad_tail.size());
    job.cipher_mode = counter_ ? IMB_CIPHER_CNTR : IMB_CIPHER_CBC;
    job.cipher_direction = sealing ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
    job.chain_order = sealing ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
    job.hash_alg = hash_.algorithm;
    job.enc_keys = keys_->encrypt;
    job.dec_keys = keys_->decrypt;
    job.key_len_in_bytes = key_size_;
    job.src = item.source;
    job.dst = item.destination;
    job.cipher_start_src_offset_in_bytes = 0;
    job.msg_len_to_cipher_in_bytes = item.length;
    // The library adds this to src, also where what is hashed lies in front of it or in another buffer.
    const std::uint8_t* const begin = item.aad.data();
    job.hash_start_src_offset_in_bytes =
        reinterpret_cast<std::uintptr_t>(begin) - reinterpret_cast<std::uintptr_t>(item.source);
    job.msg_len_to_hash_in_bytes = item.aad.size() + item.iv.size() + item.length + item.aad_tail.size();
    job.iv = counter_ ? first_block(item, work.counters[i]) : item.iv.data();
    job.iv_len_in_bytes = 16;
    job.auth_tag_output = work.computed[i].data();
    job.auth_tag_output_len_in_bytes = icv_size();
    job.u.HMAC._hashed_auth_key_xor_ipad = keys_->inner;
    job.u.HMAC._hashed_auth_key_xor_opad = keys_->outer;
    job.user_data = &item;
  }

  // nonce | IV | 1 (RFC 3686 4)
  const std::uint8_t* first_block(const CipherItem& item, std::array<std::uint8_t, 16>& block) const {
    std::memcpy(block.data(), keys_->salt, kSalt);
    std::memcpy(block.data() + kSalt, item.iv.data(), iv_size());
    base::store_be32(block.data() + 12, 1);
    return block.data();
  }

  void finish(CipherItem& item, bool sealing, const Work& work, std::size_t i) const {
    if (!item.ok) return;
    if (sealing) {
      std::memcpy(item.tag, work.computed[i].data(), icv_size());
    } else {
      item.ok = base::constant_time_equal({work.computed[i].data(), icv_size()},
                                          {work.received[i].data(), icv_size()});
    }
  }

  bool counter_;
  std::size_t key_size_;  // octets
  Hash hash_;
  Aligned<Keys> keys_;
};

}  // namespace

std::unique_ptr<Cipher> make_cipher_and_hmac(const CipherSpec& spec, base::ByteSpan encr_key,
                                             base::ByteSpan integ_key) {
  const auto hash =
      std::find_if(kHashes.begin(), kHashes.end(), [&](const Hash& h) { return h.id == spec.integ; });
  if (hash == kHashes.end()) return nullptr;
  return std::make_unique<CipherHmac>(spec, *find(spec.encr), *hash, find(spec.integ)->icv, encr_key,
                                      integ_key);
}

}  // namespace crypto::ipsec_mb
