#include "tun/tun_device.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "tun/file_descriptor.h"
#include "tun/netlink.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

constexpr char kControlDevice[] = "/dev/net/tun";

base::Error control_device_error(int error) {
  const std::string path = kControlDevice;
  if (error == ENOENT || error == ENODEV || error == ENXIO) {
    return base::local_error(path + ": " + errno_text(error) +
                             ": TUN is missing (modprobe tun, or --device /dev/net/tun for a container)");
  }
  if (error == EACCES || error == EPERM) {
    return base::local_error(path + ": " + errno_text(error) +
                             " (needs root, or --device /dev/net/tun for a container)");
  }
  return base::local_error(path + ": " + errno_text(error));
}

base::Error held_error(const std::string& name) {
  return base::local_error("TUN device " + name + " is held by another process");
}

base::Error attach_error(const std::string& name, int error) {
  const std::string device = "TUN device " + name + ": ";
  switch (error) {
    case EPERM:
      return base::local_error(device + "permission denied (needs CAP_NET_ADMIN)");
    case EBUSY:
      return held_error(name);
    case EINVAL:
      return base::local_error(device + "a device of that name is there that is no multi-queue TUN device");
    default:
      return base::local_error(device + errno_text(error));
  }
}

// Whether the descriptor is a queue of the device.
bool is_queue_of(int descriptor, const std::string& name) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISCHR(status.st_mode)) return false;
  if (status.st_rdev != makedev(10, 200)) return false;
  ifreq request{};
  return ioctl(descriptor, TUNGETIFF, &request) == 0 && name == request.ifr_name;
}

// How many queues of the device this process holds.
std::uint32_t own_queues(const std::string& name) {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  std::uint32_t count = 0;
  while (const dirent* entry = readdir(directory)) {
    int descriptor = -1;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, descriptor).ptr != end) continue;
    if (is_queue_of(descriptor, name)) ++count;
  }
  closedir(directory);
  return count;
}

// A multi-queue device takes further queues from any process; so that two daemons do not share one by
// mistake, its queues are counted. Tells whether the device is there.
base::Result<bool> check_not_held(const std::string& name) {
  ASSIGN_OR_RETURN(const auto netlink, Netlink::open({}));
  ASSIGN_OR_RETURN(const std::optional<std::uint32_t> queues, netlink->tun_queues(name));
  if (!queues) return false;
  if (*queues > own_queues(name)) return held_error(name);
  return true;
}

}  // namespace

base::Result<std::unique_ptr<TunDevice>> TunDevice::open(const TunOptions& options) {
  if (options.name.empty() || options.name.size() >= IFNAMSIZ) {
    return base::local_error("TUN device name \"" + options.name + "\": 1 to 15 characters");
  }
  FileDescriptor made(::open(kControlDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!made.is_open()) return control_device_error(errno);
  ASSIGN_OR_RETURN(const bool exists, check_not_held(options.name));
  ifreq request{};
  std::memcpy(request.ifr_name, options.name.data(), options.name.size());
  // Exclusive where there was none, so that of two processes that create it at once only one does.
  const int flags = (options.tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE |
                    (exists ? 0 : IFF_TUN_EXCL);
  request.ifr_flags = static_cast<short>(flags);
  if (ioctl(made.get(), TUNSETIFF, &request) != 0) return attach_error(options.name, errno);
  std::unique_ptr<TunDevice> device = adopt(made.release(), request.ifr_name);
  device->enable_offload(options.offload);
  if (options.tap) RETURN_IF_ERROR(device->become_port());
  return device;
}

std::unique_ptr<TunDevice> TunDevice::adopt(int descriptor, std::string name) {
  return std::unique_ptr<TunDevice>(new TunDevice(descriptor, std::move(name)));
}

TunDevice::~TunDevice() { close(descriptor_); }

// USO4 and USO6 go together, and with TSO's checksums (tun_set_offload of Linux 6.2).
void TunDevice::enable_offload(const OffloadOptions& wanted) {
  int header = sizeof(VirtioHeader);
  ioctl(descriptor_, TUNSETVNETHDRSZ, &header);
  constexpr unsigned kTso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
  constexpr unsigned kUso = 0x20 | 0x40;  // TUN_F_USO4, TUN_F_USO6: too new for some headers
  const auto accepted = [&](unsigned flags) { return ioctl(descriptor_, TUNSETOFFLOAD, flags) == 0; };
  const unsigned tso = wanted.tso ? kTso : TUN_F_CSUM;
  offload_.uso = wanted.uso && accepted(tso | kUso);
  offload_.tso = (offload_.uso || accepted(wanted.tso ? kTso : 0)) && wanted.tso;
  coalescer_.set_options({offload_.tso, offload_.tso, offload_.uso});
}

// The port's own address is made from the kernel's end, so that no two are the same where those are not.
base::Status TunDevice::become_port() {
  ifreq request{};
  if (ioctl(descriptor_, SIOCGIFHWADDR, &request) != 0)
    return base::local_error("TAP device " + name_ + ": no Ethernet address: " + errno_text(errno));
  MacAddress own;
  std::memcpy(own.data(), request.ifr_hwaddr.sa_data, own.size());
  own[0] = static_cast<std::uint8_t>((own[0] | 0x02) & 0xfe);  // local, and of one station
  own[5] ^= 0x80;
  port_ = std::make_unique<EthernetPort>(own, [this](base::ByteSpan frame) {
    VirtioHeader none;
    const std::array<iovec, 2> parts{
        {{&none, sizeof none}, {const_cast<std::uint8_t*>(frame.data()), frame.size()}}};
    return write_octets(parts);
  });
  return {};
}

void TunDevice::set_answered(AnsweredAddresses addresses) {
  if (port_ != nullptr) port_->set_answered(std::move(addresses));
}

// Whether the frame holds an IP packet for us; then it is that packet alone. The port forwards it, as a
// router.
bool TunDevice::take_frame(base::Frame& frame, VirtioHeader& header, std::uint64_t& dropped) {
  if (!port_->take(frame.bytes())) return false;
  constexpr auto kHeader = static_cast<std::uint32_t>(kEthernetHeader);
  frame.set_single(frame.offset + kHeader, frame.length - kHeader);
  if (!count_hop(frame.bytes())) {
    ++dropped;
    return false;
  }
  header.checksum_start = static_cast<std::uint16_t>(header.checksum_start - kHeader);
  return true;
}

base::Status TunDevice::recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) {
  constexpr std::uint32_t kBefore = sizeof(VirtioHeader);
  std::size_t discarded = 0, octets = 0;
  while (!batch.full() && octets < kLongBatch && discarded < base::PacketBatch::kCapacity) {
    base::Frame frame;
    frame.buffer = pool.take();
    if (!frame.buffer && !batch.empty()) return {};
    // Without a buffer the packet is thrown away: one short read takes it off the queue.
    std::uint8_t scrap[kBefore];
    std::uint8_t* to = frame.buffer ? frame.buffer.data() + base::kHeadroom - kBefore : scrap;
    const ssize_t got = read(descriptor_, to, frame.buffer ? base::kMaxFrame + kBefore : sizeof scrap);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return {};
      return base::local_error("TUN device " + name_ + ": " + errno_text(errno));
    }
    VirtioHeader header;
    if (frame.buffer && static_cast<std::size_t>(got) > kBefore) {
      std::memcpy(&header, to, kBefore);
      frame.set_single(base::kHeadroom, static_cast<std::uint32_t>(got) - kBefore);
      if (port_ != nullptr && !take_frame(frame, header, dropped)) {
        ++discarded;
        continue;
      }
      octets += frame.length;
      if (accept_virtio(header, frame) && batch.push(std::move(frame))) continue;
    }
    ++dropped;
    ++discarded;
  }
  return {};
}

bool TunDevice::write_parts(std::span<const iovec> parts) {
  return port_ == nullptr ? write_octets(parts) : write_frame(parts);
}

// The same behind an Ethernet header, which the offsets of the virtio header count too. What has to wait
// until its receiver is known counts as written.
bool TunDevice::write_frame(std::span<const iovec> parts) {
  const base::ByteSpan first(static_cast<const std::uint8_t*>(parts[1].iov_base), parts[1].iov_len);
  EthernetHeader ethernet;
  // Packets that were joined have changed headers: they are not kept.
  if (!port_->header_for(first, ethernet)) return port_->wait_for(first, parts.size() == 2);
  VirtioHeader header;
  std::memcpy(&header, parts[0].iov_base, sizeof header);
  constexpr std::uint16_t kHeader = kEthernetHeader;
  if (header.header_length != 0)
    header.header_length = static_cast<std::uint16_t>(header.header_length + kHeader);
  if ((header.flags & VirtioHeader::kNeedsChecksum) != 0)
    header.checksum_start = static_cast<std::uint16_t>(header.checksum_start + kHeader);
  std::array<iovec, Coalescer::kMostJoined + 2> all;
  all[0] = {&header, sizeof header};
  all[1] = {ethernet.data(), ethernet.size()};
  std::copy(parts.begin() + 1, parts.end(), all.begin() + 2);
  return write_octets(std::span(all).first(parts.size() + 1));
}

// EIO: the interface is down; EINVAL: no IP packet. Neither ends the device.
bool TunDevice::write_octets(std::span<const iovec> parts) {
  ssize_t written = 0;
  do {
    written = writev(descriptor_, parts.data(), static_cast<int>(parts.size()));
  } while (written < 0 && errno == EINTR);
  return written >= 0;
}

std::uint64_t TunDevice::write_singly(base::PacketBatch& batch) {
  std::uint64_t refused = 0;
  VirtioHeader none;
  for (const base::Frame& frame : batch) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const base::MutableByteSpan segment = frame.segment(i);
      const std::array<iovec, 2> parts{{{&none, sizeof none}, {segment.data(), segment.size()}}};
      if (!write_parts(parts)) ++refused;
    }
  }
  batch.clear();
  return refused;
}

std::uint64_t TunDevice::flush() {
  std::uint64_t refused = 0;
  for (const Coalescer::Group& group : coalescer_.finish()) {
    if (!write_parts(group.parts())) refused += group.packets;
  }
  coalescer_.clear();
  for (std::size_t i = 0; i < held_count_; ++i) held_[i].reset();
  held_count_ = 0;
  return refused;
}

std::uint64_t TunDevice::enqueue(base::PacketBatch& batch) {
  std::uint64_t refused = 0;
  for (base::Frame& frame : batch) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      if (coalescer_.add(frame.segment(i))) continue;
      refused += flush();
      coalescer_.add(frame.segment(i));
    }
    // Each has at least one packet in the coalescer, which holds no more.
    held_[held_count_++] = std::move(frame.buffer);
  }
  batch.clear();
  return refused;
}

std::uint64_t TunDevice::send_batch(base::PacketBatch& batch) {
  const std::uint64_t refused = enqueue(batch);
  return refused + flush();
}

}  // namespace tun
