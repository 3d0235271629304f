// The socket's file: who may connect, and taking over what a crashed daemon left behind.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/result.h"

namespace control {

// A bound and listening UNIX stream socket and its file. Closes and unlinks on destruction, the file only
// where it is still ours.
class SocketFile {
 public:
  // `group` is a name or a number. Refuses a path on which somebody answers, and a file that is no socket.
  static base::Result<SocketFile> open(const std::string& path, gid_t group, mode_t mode);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&&) = delete;
  ~SocketFile();

  // Gives the descriptor away; the file stays ours.
  int release_descriptor() { return std::exchange(descriptor_, -1); }

 private:
  SocketFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  base::Status settle(gid_t group, mode_t mode);

  int descriptor_;
  std::string path_;  // empty where there is no file of ours
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// The number of a group given by name or number.
base::Result<gid_t> find_group(const std::string& name);

// Who is at the other end, as the kernel noted it when they connected.
struct PeerCredentials {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};
base::Result<PeerCredentials> peer_credentials(int descriptor);
// Root, our own user, and members of the group: by the primary or a supplementary group of the peer.
bool admitted(int descriptor, const PeerCredentials& peer, gid_t group);

}  // namespace control
