// Which sequence numbers have been used under which manual keys, kept over restarts (docs/adr/0006). A cipher
// in counter mode is lost where one number is used twice under one key, so its SA begins where this says.
//
// The file has one line a key: a fingerprint of it, and the first number that is not used. It is written
// before numbers are, a block of them at once: after a crash what is left of the block is lost.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/provider.h"

namespace daemon_app {

class CounterLedger {
 public:
  // Numbers written down at once. At a million packets a second it lasts for 16 s.
  static constexpr std::uint64_t kBlock = std::uint64_t{1} << 24;

  // Reads the file; where there is none, no key has been used. What is wrong with it is told by begin().
  explicit CounterLedger(std::string path);

  // Names a key without giving it away.
  static base::Result<std::string> fingerprint(const crypto::Provider& provider, base::ByteSpan encr_key);

  struct Block {
    std::uint64_t first = 1, end = 1;  // numbers from `first` to `end` - 1
  };
  // A block of numbers from `at_least` on that have never been used under that key, written down. Fails where
  // the file cannot be read or written: then nobody knows.
  base::Result<Block> begin(const std::string& key, std::uint64_t at_least);
  // The end of the block is `end` from now on; never moved back.
  base::Status extend(const std::string& key, std::uint64_t end);
  // No number from `next` on has been used, and none will be.
  base::Status finish(const std::string& key, std::uint64_t next);

 private:
  base::Status load();
  base::Status store() const;

  std::string path_;
  base::Status readable_;
  std::map<std::string, std::uint64_t> next_;  // by fingerprint
};

}  // namespace daemon_app
