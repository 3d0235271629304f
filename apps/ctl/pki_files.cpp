#include "apps/ctl/pki_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ctl {
namespace {

constexpr std::size_t kMost = std::size_t{4} * 1024 * 1024;  // octets

base::Error failure(const std::string& path) {
  return base::local_error(path + ": " + std::generic_category().message(errno));
}

// Closed at the end of its scope.
struct File {
  explicit File(int descriptor) : fd(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
};

}  // namespace

base::Result<base::SecretBytes> read_whole(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return failure(path);
  struct stat info = {};
  if (::fstat(file.fd, &info) != 0) return failure(path);
  if (!S_ISREG(info.st_mode)) return base::local_error(path + ": is no regular file");
  if (static_cast<std::size_t>(info.st_size) > kMost)
    return base::local_error(path + ": is larger than 4 MiB");
  base::SecretBytes contents(static_cast<std::size_t>(info.st_size));
  std::size_t used = 0;
  while (used < contents.size()) {
    const ssize_t count = ::read(file.fd, contents.mutable_span().data() + used, contents.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(path);
    if (count == 0) return base::local_error(path + ": became shorter while it was read");
    used += static_cast<std::size_t>(count);
  }
  return contents;
}

base::Status write_new(const std::string& path, base::ByteSpan contents, unsigned mode) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (file.fd < 0) return failure(path);
  while (!contents.empty()) {
    const ssize_t count = ::write(file.fd, contents.data(), contents.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(path);
    contents = contents.subspan(static_cast<std::size_t>(count));
  }
  if (::fsync(file.fd) != 0) return failure(path);
  return {};
}

bool exists(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace ctl
