// Writes seeds for the fuzzers of messages: FOLDER/message/* in clear, FOLDER/protected_message/* with an SK
// payload that holds the same payloads unencrypted behind an IV of 8 octets and before an ICV of 4,
// FOLDER/fragment/* with those payloads in two and three fragments,
// FOLDER/proposals/* with the SA payloads of both.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "ikev2/message/message.h"
#include "tests/support/fixed_rng.h"

namespace {

using namespace ikev2;

Proposal proposal(ProtocolId protocol, base::Bytes spi, std::vector<Transform> transforms) {
  return {1, protocol, std::move(spi), std::move(transforms)};
}

std::vector<Payload> ike_sa_init(test::FixedRng& rng) {
  const Proposal ike = proposal(ProtocolId::ike, {},
                                {{TransformType::encr, 12, 256},
                                 {TransformType::prf, 2},
                                 {TransformType::integ, 2},
                                 {TransformType::ke, 14},
                                 {TransformType::ke, 31}});
  return {SaPayload{{ike}},
          KePayload{crypto::Ke::curve25519, rng.bytes(32)},
          NoncePayload{rng.bytes(32)},
          NotifyPayload{NotifyType::nat_detection_source_ip, ProtocolId::none, {}, rng.bytes(20)},
          NotifyPayload{NotifyType::nat_detection_destination_ip, ProtocolId::none, {}, rng.bytes(20)},
          VendorPayload{rng.bytes(16)},
          CertReqPayload{4, rng.bytes(20)}};
}

std::vector<Payload> ike_auth(test::FixedRng& rng) {
  const Proposal esp =
      proposal(ProtocolId::esp, {1, 2, 3, 4},
               {{TransformType::encr, 20, 128}, {TransformType::esn, 1}, {TransformType::esn, 0}});
  const auto v4 = spd::TrafficSelector::of(base::AddressRange::all(base::IpFamily::v4));
  const auto v6 = spd::TrafficSelector::of(base::AddressRange::all(base::IpFamily::v6));
  return {IdPayload{PayloadType::idi, {IdType::fqdn, {'a', '.', 'b'}}, {}},
          CertPayload{4, rng.bytes(40)},
          IdPayload{PayloadType::idr, {IdType::ipv4, {192, 0, 2, 1}}, {}},
          AuthPayload{AuthMethod::shared_key_mic, rng.bytes(20)},
          CpPayload{{1, 0, 0, 0, 0, 1, 0, 0}},
          SaPayload{{esp}},
          TsPayload{PayloadType::tsi, {v4, v6}, 0},
          TsPayload{PayloadType::tsr, {v4}, 0},
          EapPayload{{1, 1, 0, 5, 1}}};
}

std::vector<Payload> informational() {
  return {DeletePayload{ProtocolId::esp, {0x01020304, 0xc0000001}}, DeletePayload{ProtocolId::ike, {}},
          UnknownPayload{static_cast<PayloadType>(200), false, {1, 2, 3}}};
}

base::Bytes in_sk(Header header, const std::vector<Payload>& payloads) {
  base::Bytes text;
  base::Writer inner(text);
  const PayloadType first = write_chain(payloads, inner);
  base::Bytes message;
  base::Writer out(message);
  header.next_payload = PayloadType::sk;
  header.length = static_cast<std::uint32_t>(kHeaderSize + 4 + 8 + text.size() + 1 + 4);
  write_header(header, out);
  out.u8(static_cast<std::uint8_t>(first));
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(4 + 8 + text.size() + 1 + 4));
  out.zeros(8);
  out.bytes(text);
  out.u8(0);
  out.zeros(4);
  return message;
}

// The inputs of the fuzzer of fragments: for each a length, the next payload, and what stands behind SKF's
// generic header.
base::Bytes in_fragments(const std::vector<Payload>& payloads, std::size_t total) {
  base::Bytes text;
  base::Writer inner(text);
  const PayloadType first = write_chain(payloads, inner);
  const std::size_t part = (text.size() + total - 1) / total;
  base::Bytes input;
  base::Writer out(input);
  for (std::size_t i = 0; i < total; ++i) {
    const auto piece = base::ByteSpan(text).subspan(i * part, std::min(part, text.size() - i * part));
    out.u16(static_cast<std::uint16_t>(1 + 4 + 8 + piece.size() + 1 + 4));
    out.u8(i == 0 ? static_cast<std::uint8_t>(first) : 0);
    out.u16(static_cast<std::uint16_t>(i + 1));
    out.u16(static_cast<std::uint16_t>(total));
    out.zeros(8);
    out.bytes(piece);
    out.u8(0);
    out.zeros(4);
  }
  return input;
}

base::Bytes body_of(const SaPayload& sa) {
  base::Bytes body;
  base::Writer out(body);
  write_body(sa, out);
  return body;
}

void save(const std::filesystem::path& file, const base::Bytes& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]), 2;
  test::FixedRng rng;
  const std::filesystem::path folder(argv[1]);
  struct Seed {
    const char* name;
    ExchangeType exchange;
    std::vector<Payload> payloads;
  };
  const Seed seeds[] = {{"ike_sa_init", ExchangeType::ike_sa_init, ike_sa_init(rng)},
                        {"ike_auth", ExchangeType::ike_auth, ike_auth(rng)},
                        {"informational", ExchangeType::informational, informational()},
                        {"liveness", ExchangeType::informational, {}}};
  for (const Seed& seed : seeds) {
    Header header;
    header.spi_i = base::IkeSpi(rng.u64());
    header.exchange = seed.exchange;
    header.initiator = true;
    save(folder / "message" / seed.name, write_clear(header, seed.payloads));
    save(folder / "protected_message" / seed.name, in_sk(header, seed.payloads));
    if (!seed.payloads.empty()) {
      save(folder / "fragment" / (std::string(seed.name) + "-2"), in_fragments(seed.payloads, 2));
      save(folder / "fragment" / (std::string(seed.name) + "-3"), in_fragments(seed.payloads, 3));
    }
    for (const auto& payload : seed.payloads) {
      const auto* sa = std::get_if<SaPayload>(&payload);
      if (sa != nullptr) save(folder / "proposals" / seed.name, body_of(*sa));
    }
  }
}
