#include "apps/daemon/manual/counter_ledger.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace daemon_app {
namespace {

constexpr std::size_t kFingerprint = 16;  // octets

base::Error failure(const std::string& path, const std::string& what) {
  return base::local_error(fmt::format("{}: {}", path, what));
}

// The file as a whole, in place of the one before; on the disk when this returns.
base::Status replace_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failure(fresh, std::strerror(errno));
  const ssize_t written = ::write(fd, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!whole) return failure(fresh, std::strerror(error));
  if (::rename(fresh.c_str(), path.c_str()) != 0) return failure(path, std::strerror(errno));
  return {};
}

bool is_fingerprint(const std::string& word) {
  base::Bytes octets;
  return word.size() == 2 * kFingerprint && base::from_hex(word, octets);
}

}  // namespace

CounterLedger::CounterLedger(std::string path) : path_(std::move(path)) { readable_ = load(); }

base::Result<std::string> CounterLedger::fingerprint(const crypto::Provider& provider,
                                                     base::ByteSpan encr_key) {
  ASSIGN_OR_RETURN(const auto prf, provider.prf(crypto::Prf::hmac_sha2_256));
  // Of the key alone: GCM and GMAC under one key share their numbers.
  const base::SecretBytes mac = prf->compute(base::as_bytes("ikev2d manual key"), {encr_key});
  return base::to_hex(mac.span().first(kFingerprint));
}

base::Status CounterLedger::load() {
  std::ifstream in(path_);
  if (!in) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return failure(path_, std::strerror(errno));
  }
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t next = 0;
    if (!(words >> key >> next) || !(words >> std::ws).eof() || !is_fingerprint(key) || next == 0) {
      return failure(path_, fmt::format("line {} is no counter", number));
    }
    next_[key] = std::max(next_[key], next);
  }
  return {};
}

base::Status CounterLedger::store() const {
  std::error_code ignored;  // the file says what is wrong
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
  std::string text;
  for (const auto& [key, next] : next_) text += fmt::format("{} {}\n", key, next);
  return replace_file(path_, text);
}

base::Result<CounterLedger::Block> CounterLedger::begin(const std::string& key, std::uint64_t at_least) {
  RETURN_IF_ERROR(readable_);
  const auto found = next_.find(key);
  const std::uint64_t first =
      std::max({std::uint64_t{1}, at_least, found == next_.end() ? 1 : found->second});
  if (first > ~kBlock) return base::local_error("the numbers of this key are used up");
  RETURN_IF_ERROR(extend(key, first + kBlock));
  return Block{first, first + kBlock};
}

base::Status CounterLedger::extend(const std::string& key, std::uint64_t end) {
  RETURN_IF_ERROR(readable_);
  const auto found = next_.find(key);
  const std::uint64_t before = found == next_.end() ? 0 : found->second;
  if (end <= before) return {};
  next_[key] = end;
  const base::Status stored = store();
  if (stored.has_error()) next_[key] = std::max<std::uint64_t>(before, 1);
  return stored;
}

base::Status CounterLedger::finish(const std::string& key, std::uint64_t next) {
  const auto found = next_.find(key);
  if (found == next_.end() || next == 0 || next >= found->second) return {};
  found->second = next;
  return store();
}

}  // namespace daemon_app
