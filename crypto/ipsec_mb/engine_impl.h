// What the files of crypto/ipsec_mb/ share. Private to them.
#pragma once

#include <intel-ipsec-mb.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "base/secret.h"
#include "crypto/cipher.h"
#include "crypto/suite.h"

namespace crypto::ipsec_mb {

// The library's table of functions, and its queues of jobs: one for each thread. Null where there is no
// memory.
IMB_MGR* manager();

// Key schedules want an alignment of 64 octets, also inside of objects on the heap; wiped at the end.
template <class T>
class Aligned {
 public:
  Aligned() : memory_(static_cast<T*>(::operator new(sizeof(T), kAlignment))) {
    std::memset(static_cast<void*>(memory_), 0, sizeof(T));
  }
  ~Aligned() {
    base::wipe({reinterpret_cast<std::uint8_t*>(memory_), sizeof(T)});
    ::operator delete(memory_, kAlignment);
  }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  T* get() const { return memory_; }
  T* operator->() const { return memory_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  T* memory_;
};

// Null for algorithms that are not there. The keys have the right sizes.
std::unique_ptr<Cipher> make_gcm(const CipherSpec& spec, base::ByteSpan key);
std::unique_ptr<Cipher> make_chacha(base::ByteSpan key);
std::unique_ptr<Cipher> make_cipher_and_hmac(const CipherSpec& spec, base::ByteSpan encr_key,
                                             base::ByteSpan integ_key);

}  // namespace crypto::ipsec_mb
