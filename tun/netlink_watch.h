// Tells when addresses or routes of this host change.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "tun/options.h"

namespace tun {

class NetlinkWatch {
 public:
  // Listens to rtnetlink from now on. Our own routes, and routes of others through `own_device`, are passed
  // over.
  static base::Result<std::unique_ptr<NetlinkWatch>> open(const RoutingOptions& options,
                                                          const std::string& own_device);
  ~NetlinkWatch();

  int descriptor() const { return descriptor_; }  // readable when there is something to drain
  // Reads all that waits. True where an address or a route of others has come, gone or changed, and where
  // messages were lost.
  bool drain();

 private:
  NetlinkWatch(int descriptor, const RoutingOptions& options, int own_index);
  bool matters(const void* message) const;

  int descriptor_;
  RoutingOptions options_;
  int own_index_;
};

}  // namespace tun
