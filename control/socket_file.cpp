#include "control/socket_file.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

namespace control {

namespace {

std::string system_text(int error) { return std::strerror(error); }

base::Error at_path(const std::string& path, const std::string& what) {
  return base::local_error("control socket " + path + ": " + what);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// 0: somebody listens. Else the errno of connect().
int knock(const sockaddr_un& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = result == 0 ? 0 : errno;
  ::close(fd);
  return error == EAGAIN ? 0 : error;  // EAGAIN: a live daemon whose queue of connections is full
}

// Makes way for bind(): nothing there, or a socket on which nobody listens, which is removed.
base::Status clear_way(const std::string& path, const sockaddr_un& address) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) {
    if (errno == ENOENT) return {};
    return at_path(path, system_text(errno));
  }
  if (!S_ISSOCK(st.st_mode)) return at_path(path, "a file that is no socket is in the way");
  const int error = knock(address);
  if (error == 0) return base::local_error("another ikev2d answers at " + path);
  if (error != ECONNREFUSED && error != ENOENT) return at_path(path, system_text(error));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return at_path(path, "cannot remove the stale socket: " + system_text(errno));
  return {};
}

}  // namespace

base::Result<SocketFile> SocketFile::open(const std::string& path, gid_t group, mode_t mode) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path))
    return at_path(
        path, "the path must have 1 to " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " characters");
  const sockaddr_un address = address_of(path);
  RETURN_IF_ERROR(clear_way(path, address));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return at_path(path, system_text(errno));
  SocketFile file(fd, "");
  // bind() takes the mode of the file from the socket's inode: closed to others from its first moment,
  // whatever the umask is, without touching the umask of the process.
  if (::fchmod(fd, 0600) != 0) return at_path(path, system_text(errno));
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return at_path(path, "cannot bind: " + system_text(errno));
  file.path_ = path;
  RETURN_IF_ERROR(file.settle(group, mode));
  return file;
}

base::Status SocketFile::settle(gid_t group, mode_t mode) {
  struct stat st {};
  if (::lstat(path_.c_str(), &st) != 0) return at_path(path_, system_text(errno));
  device_ = st.st_dev;
  inode_ = st.st_ino;
  if (st.st_gid != group && ::chown(path_.c_str(), static_cast<uid_t>(-1), group) != 0)
    return at_path(path_, "cannot give it to its group: " + system_text(errno));
  if (::chmod(path_.c_str(), mode) != 0) return at_path(path_, "cannot set its mode: " + system_text(errno));
  if (::listen(descriptor_, SOMAXCONN) != 0) return at_path(path_, "cannot listen: " + system_text(errno));
  return {};
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

SocketFile::~SocketFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  struct stat st {};
  if (path_.empty() || ::lstat(path_.c_str(), &st) != 0) return;
  if (st.st_dev == device_ && st.st_ino == inode_) ::unlink(path_.c_str());
}

base::Result<gid_t> find_group(const std::string& name) {
  gid_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) return number;
  std::vector<char> buffer(1024);
  group entry{};
  group* found = nullptr;
  int status = ERANGE;
  while ((status = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found)) == ERANGE &&
         buffer.size() < (1u << 20))
    buffer.resize(buffer.size() * 2);
  if (found == nullptr)
    return base::local_error("control socket: there is no group \"" + name + "\"" +
                             (status != 0 ? " (" + system_text(status) + ")" : ""));
  return entry.gr_gid;
}

base::Result<PeerCredentials> peer_credentials(int descriptor) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return base::local_error("the peer's credentials are unknown: " + system_text(errno));
  return PeerCredentials{credentials.pid, credentials.uid, credentials.gid};
}

bool admitted(int descriptor, const PeerCredentials& peer, gid_t group) {
  if (peer.uid == 0 || peer.uid == ::geteuid() || peer.gid == group) return true;
  // The groups that the peer's process has, not those that the account database gives its user: no look-up
  // that could block, and a process that gave up a group stays without it.
  std::vector<gid_t> groups(64);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int status = ::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  if (status != 0 && errno == ERANGE) {
    groups.resize(size / sizeof(gid_t));
    status = ::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  }
  if (status != 0) return false;
  groups.resize(size / sizeof(gid_t));
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

}  // namespace control
