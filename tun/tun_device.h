// One queue of a Linux TUN device (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR, multi-queue).
//
// With offloads the kernel hands over up to 64 KiB of one TCP or UDP flow as one frame with a Gso, and takes
// packets of one flow joined (tun/offload/).
//
// With IFF_TAP it is a port of an Ethernet (tun/ethernet/): what is read and written here is IP packets all
// the same. Frames that are not for the port are none of its business, and not counted.
#pragma once

#include <array>
#include <string>

#include "tun/ethernet/port.h"
#include "tun/offload/coalesce.h"
#include "tun/options.h"
#include "tun/packet_io.h"

namespace tun {

class TunDevice : public PacketSource, public PacketSink {
 public:
  // Creates the device, or joins it as a further queue. Errors name what is missing: /dev/net/tun,
  // CAP_NET_ADMIN, a device of that name held by another process.
  static base::Result<std::unique_ptr<TunDevice>> open(const TunOptions& options);
  // Takes a descriptor that was made elsewhere (privilege separation, hitless restart), with IFF_VNET_HDR.
  static std::unique_ptr<TunDevice> adopt(int descriptor, std::string name);
  ~TunDevice() override;

  int descriptor() const override { return descriptor_; }
  const std::string& name() const { return name_; }
  // Of tso and uso, what is at work: what was wanted and the kernel has.
  const OffloadOptions& offload() const { return offload_; }
  base::Status recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) override;
  // One thread sends, which may be another than the one that receives.
  std::uint64_t send_batch(base::PacketBatch& batch) override;
  // The same, but what can be joined with packets of the next batch waits, at the latest for flush(). Both
  // return how many packets the kernel refused.
  std::uint64_t enqueue(base::PacketBatch& batch);
  std::uint64_t flush();
  // Of an Ethernet port: for whom it answers. Any thread.
  void set_answered(AnsweredAddresses addresses);
  bool is_tap() const { return port_ != nullptr; }
  // The same packet by packet; any thread.
  std::uint64_t write_singly(base::PacketBatch& batch);

 private:
  TunDevice(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  void enable_offload(const OffloadOptions& wanted);
  base::Status become_port();
  bool take_frame(base::Frame& frame, VirtioHeader& header, std::uint64_t& dropped);
  bool write_parts(std::span<const iovec> parts);
  bool write_frame(std::span<const iovec> parts);
  bool write_octets(std::span<const iovec> parts);

  int descriptor_;
  std::string name_;
  OffloadOptions offload_{false, false, false, false};
  std::unique_ptr<EthernetPort> port_;  // null: TUN
  Coalescer coalescer_;
  std::array<base::BufferRef, Coalescer::kCapacity> held_;  // buffers of what waits
  std::size_t held_count_ = 0;
};

}  // namespace tun
