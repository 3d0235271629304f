// What an authenticated peer, or one in the middle of a handshake, can send: payload chains inside SK with a
// good ICV, in any order and number, and then time passes.
#include "ikev2/message/protect.h"
#include "tests/fuzz/fuzz_world.h"

namespace {

struct Input {
  base::ByteSpan rest;
  std::uint8_t octet() {
    if (rest.empty()) return 0;
    const std::uint8_t value = rest[0];
    rest = rest.subspan(1);
    return value;
  }
  base::ByteSpan take(std::size_t count) {
    const auto taken = rest.first(std::min(count, rest.size()));
    rest = rest.subspan(taken.size());
    return taken;
  }
};

// Header, SK with the chain inside, a tag that fits: built by hand, because our own writer writes no
// nonsense.
std::optional<base::Bytes> protect(const ikev2::IkeSaStatus& sa, bool from_initiator, std::uint8_t exchange,
                                   bool response, std::uint8_t id, std::uint8_t first, base::ByteSpan chain) {
  const auto& keys = *sa.keys;
  auto cipher = fuzz::no_cryptography()->cipher(sa.suite.cipher, from_initiator ? keys.sk_ei : keys.sk_er,
                                                from_initiator ? keys.sk_ai : keys.sk_ar);
  if (cipher.has_error()) return {};
  ikev2::Header header;
  header.spi_i = sa.spi_i;
  header.spi_r = sa.spi_r;
  header.next_payload = ikev2::PayloadType::sk;
  header.exchange = static_cast<ikev2::ExchangeType>(exchange);
  header.initiator = from_initiator;
  header.response = response;
  header.message_id = base::MessageId{id};
  const std::size_t iv = (*cipher)->iv_size(), icv = (*cipher)->icv_size();
  const std::size_t text = chain.size() + 1;  // pad length 0
  header.length = static_cast<std::uint32_t>(ikev2::kHeaderSize + 4 + iv + text + icv);
  base::Bytes message;
  base::Writer out(message);
  ikev2::write_header(header, out);
  out.u8(first);
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(4 + iv + text + icv));
  out.zeros(iv);
  out.bytes(chain);
  out.zeros(1 + icv);
  crypto::CipherItem item;
  item.source = item.destination = message.data() + ikev2::kHeaderSize + 4 + iv;
  item.length = static_cast<std::uint32_t>(text);
  item.aad = base::ByteSpan(message).first(ikev2::kHeaderSize + 4);
  item.iv = base::ByteSpan(message).subspan(ikev2::kHeaderSize + 4, iv);
  item.tag = item.destination + text;
  (*cipher)->seal({&item, 1});
  return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input{{data, size}};
  const auto stage = static_cast<fuzz::Stage>(input.octet() % static_cast<std::uint8_t>(fuzz::Stage::count_));
  const auto world = fuzz::world_at(stage);
  // Without an SA of its own, nobody has keys to protect anything with.
  const auto sas = world->left.engine.status(true).ike_sas;
  if (sas.empty() || !sas[0].keys || sas[0].keys->sk_ei.empty()) return 0;
  while (!input.rest.empty()) {
    const std::uint8_t how = input.octet(), exchange = input.octet(), id = input.octet(),
                       first = input.octet();
    const auto chain = input.take(input.octet() * 4u);
    const bool to_left = (how & 1) != 0;
    sim::Node& target = to_left ? world->left : world->right;
    sim::Node& other = to_left ? world->right : world->left;
    const auto message = protect(sas[0], !to_left, 34 + exchange % 6, (how & 2) != 0, id % 5, first, chain);
    if (message)
      target.receive({{}, 0, {other.address, 4500}, {target.address, 4500}, true, *message}, world->now);
    world->run(std::chrono::milliseconds(how & 4 ? 1000 : 1));
  }
  world->run(std::chrono::minutes(10));
  return 0;
}
