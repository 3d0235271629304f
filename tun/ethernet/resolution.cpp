#include "tun/ethernet/resolution.h"

#include "base/checksum.h"

namespace tun {
namespace {

using base::Bytes;
using base::IpAddress;

constexpr std::uint16_t kHardwareEthernet = 1, kRequest = 1, kReply = 2;
constexpr std::size_t kArp = 28;
constexpr std::size_t kIpv6Header = 40, kMessage = 24;  // ICMPv6 header, flags, target
constexpr std::uint8_t kIcmpv6 = 58, kHopLimit = 255, kSolicitation = 135, kAdvertisement = 136;
constexpr std::uint8_t kSourceLink = 1, kTargetLink = 2;  // options, of eight octets with an Ethernet address
constexpr std::uint32_t kSolicited = 0x40000000;

std::optional<Resolution> read_arp(base::ByteSpan arp) {
  if (arp.size() < kArp) return {};
  if (base::load_be16(&arp[0]) != kHardwareEthernet || base::load_be16(&arp[2]) != kTypeIpv4) return {};
  if (arp[4] != 6 || arp[5] != 4) return {};
  const std::uint16_t operation = base::load_be16(&arp[6]);
  if (operation != kRequest && operation != kReply) return {};
  Resolution out;
  out.question = operation == kRequest;
  const IpAddress sender = IpAddress::from_bytes(arp.subspan(14, 4));
  if (!sender.is_unspecified()) {  // RFC 5227 2.1.1: a probe has none
    out.sender = sender;
    out.sender_mac = mac_at(arp, 8);
  }
  out.target = out.question ? IpAddress::from_bytes(arp.subspan(24, 4)) : sender;
  return out;
}

std::uint32_t pseudo_sum(base::ByteSpan packet) {
  const std::size_t length = packet.size() - kIpv6Header;
  return base::fold_sum(std::uint64_t{base::word_sum(packet.subspan(8, 32))} + kIcmpv6 + length);
}

std::optional<MacAddress> link_option(base::ByteSpan options, std::uint8_t wanted) {
  while (options.size() >= 8) {
    const std::size_t size = std::size_t{8} * options[1];
    if (size == 0 || size > options.size()) return {};
    if (options[0] == wanted) return mac_at(options, 2);
    options = options.subspan(size);
  }
  return {};
}

std::optional<Resolution> read_neighbour(base::ByteSpan packet) {
  if (packet.size() < kIpv6Header + kMessage || packet[0] >> 4 != 6 || packet[6] != kIcmpv6) return {};
  const std::size_t length = base::load_be16(&packet[4]);
  if (length < kMessage || kIpv6Header + length > packet.size()) return {};
  packet = packet.first(kIpv6Header + length);
  const base::ByteSpan message = packet.subspan(kIpv6Header);
  if (message[0] != kSolicitation && message[0] != kAdvertisement) return {};
  // "The IP Hop Limit field has a value of 255, i.e., the packet could not possibly have been forwarded by a
  // router" (RFC 4861 7.1.1).
  if (packet[7] != kHopLimit || message[1] != 0) return {};
  if (base::internet_checksum(message, pseudo_sum(packet)) != 0) return {};
  Resolution out;
  out.question = message[0] == kSolicitation;
  out.target = IpAddress::from_bytes(message.subspan(8, 16));
  const IpAddress source = IpAddress::from_bytes(packet.subspan(8, 16));
  if (!source.is_unspecified()) out.sender = out.question ? source : out.target;
  out.sender_mac = link_option(message.subspan(kMessage), out.question ? kSourceLink : kTargetLink);
  return out;
}

Bytes write_arp(std::uint16_t operation, const Station& sender, const Station& target, const MacAddress& to) {
  Bytes out(kEthernetHeader + kArp);
  const EthernetHeader header = ethernet_header(to, sender.mac, kTypeArp);
  std::copy(header.begin(), header.end(), out.begin());
  std::uint8_t* const arp = &out[kEthernetHeader];
  base::store_be16(arp, kHardwareEthernet);
  base::store_be16(arp + 2, kTypeIpv4);
  arp[4] = 6;
  arp[5] = 4;
  base::store_be16(arp + 6, operation);
  std::copy(sender.mac.begin(), sender.mac.end(), arp + 8);
  sender.address.write(arp + 14);
  std::copy(target.mac.begin(), target.mac.end(), arp + 18);
  target.address.write(arp + 24);
  return out;
}

struct NeighbourMessage {
  std::uint8_t type, option;
  std::uint32_t flags;
  IpAddress source, destination, target;
};

Bytes write_neighbour(const NeighbourMessage& said, const MacAddress& from, const MacAddress& to) {
  Bytes out(kEthernetHeader + kIpv6Header + kMessage + 8);
  const EthernetHeader header = ethernet_header(to, from, kTypeIpv6);
  std::copy(header.begin(), header.end(), out.begin());
  const base::MutableByteSpan packet = base::MutableByteSpan(out).subspan(kEthernetHeader);
  packet[0] = 0x60;
  base::store_be16(&packet[4], kMessage + 8);
  packet[6] = kIcmpv6;
  packet[7] = kHopLimit;
  said.source.write(&packet[8]);
  said.destination.write(&packet[24]);
  const base::MutableByteSpan message = packet.subspan(kIpv6Header);
  message[0] = said.type;
  base::store_be32(&message[4], said.flags);
  said.target.write(&message[8]);
  message[kMessage] = said.option;
  message[kMessage + 1] = 1;
  std::copy(from.begin(), from.end(), &message[kMessage + 2]);
  base::store_be16(&message[2], base::internet_checksum(message, pseudo_sum(packet)));
  return out;
}

}  // namespace

std::optional<Resolution> read_resolution(base::ByteSpan frame) {
  if (frame.size() < kEthernetHeader) return {};
  const std::uint16_t type = base::load_be16(&frame[12]);
  const base::ByteSpan rest = frame.subspan(kEthernetHeader);
  if (type == kTypeArp) return read_arp(rest);
  if (type == kTypeIpv6) return read_neighbour(rest);
  return {};
}

base::Bytes write_answer(const Station& answered, const Station& asker) {
  if (answered.address.is_v4()) return write_arp(kReply, answered, asker, asker.mac);
  return write_neighbour(
      {kAdvertisement, kTargetLink, kSolicited, answered.address, asker.address, answered.address},
      answered.mac, asker.mac);
}

base::Bytes write_question(const base::IpAddress& target, const Station& asker) {
  if (target.is_v4()) return write_arp(kRequest, asker, {target, MacAddress{}}, kBroadcast);
  // The solicited-node multicast address (RFC 4291 2.7.1).
  const IpAddress group = IpAddress::v6(0xff02000000000000, 0x1ff000000 | (target.low() & 0xffffff));
  MacAddress to{};
  multicast_mac(group, to);
  return write_neighbour({kSolicitation, kSourceLink, 0, asker.address, group, target}, asker.mac, to);
}

}  // namespace tun
