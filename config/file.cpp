#include "config/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace config {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

base::Error system_error() { return base::local_error(std::generic_category().message(errno)); }

// Reads until the end; grows by doubling, so that nothing but wiped buffers is left behind.
base::Result<base::SecretBytes> read_all(int fd, std::size_t expected, std::size_t most) {
  base::SecretBytes buffer(std::min(expected, most) + 1);
  std::size_t used = 0;
  while (true) {
    if (used > most) return base::local_error(fmt::format("is larger than {} octets", most));
    if (used == buffer.size()) {
      base::SecretBytes larger(std::min(buffer.size() * 2 + 4096, most + 1));
      std::memcpy(larger.mutable_span().data(), buffer.span().data(), used);
      buffer = std::move(larger);
    }
    const ssize_t count = ::read(fd, buffer.mutable_span().data() + used, buffer.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error();
    if (count == 0) return base::SecretBytes(buffer.span().first(used));
    used += static_cast<std::size_t>(count);
  }
}

}  // namespace

base::Result<FileContents> read_file(const std::string& path, std::size_t most, FileKind kind) {
  const bool regular_only = kind == FileKind::regular;
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (regular_only ? O_NONBLOCK : 0)));
  if (file.get() < 0) return system_error();
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) return system_error();
  FileContents out;
  out.regular = S_ISREG(info.st_mode);
  out.mode = info.st_mode & 07777;
  if (S_ISDIR(info.st_mode)) return base::local_error("is a directory");
  if (regular_only && !out.regular) return base::local_error("is no regular file");
  ASSIGN_OR_RETURN(out.bytes, read_all(file.get(), static_cast<std::size_t>(info.st_size), most));
  return out;
}

}  // namespace config
