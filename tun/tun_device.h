// One queue of a Linux TUN device (IFF_TUN | IFF_NO_PI, multi-queue).
#pragma once

#include <string>

#include "tun/options.h"
#include "tun/packet_io.h"

namespace tun {

class TunDevice : public PacketSource, public PacketSink {
 public:
  // Creates the device, or joins it as a further queue. Errors name what is missing: /dev/net/tun,
  // CAP_NET_ADMIN, a device of that name held by another process.
  static base::Result<std::unique_ptr<TunDevice>> open(const TunOptions& options);
  // Takes a descriptor that was made elsewhere (privilege separation, hitless restart).
  static std::unique_ptr<TunDevice> adopt(int descriptor, std::string name);
  ~TunDevice() override;

  int descriptor() const override { return descriptor_; }
  const std::string& name() const { return name_; }
  base::Status recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) override;
  std::uint64_t send_batch(base::PacketBatch& batch) override;

 private:
  TunDevice(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  int descriptor_;
  std::string name_;
};

}  // namespace tun
