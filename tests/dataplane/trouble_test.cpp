// F25: ESP over a path that loses, repeats and reorders, replays of what was recorded, and the ends of
// numbers.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>
#include <set>

#include "tests/dataplane/link.h"

namespace {

using esp::Counter;

// One packet as somebody on the path has it.
struct Recorded {
  std::uint64_t number = 0;  // of its SA
  base::Bytes octets;
};

class Path {
 public:
  explicit Path(const support::SaShape& shape) : link(shape), shape_(shape) {}

  Recorded send() {
    const std::uint64_t number = link.sender->next_sequence;
    link.give(support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1000,
                                  static_cast<std::uint16_t>(number), 12));
    link.seal();
    REQUIRE(link.wire.size() == 1);
    local_ = link.wire[0].local;
    return {number, base::to_bytes(link.wire[0].bytes())};
  }
  // Whether it is delivered, whole.
  bool arrives(const Recorded& packet) {
    link.wire.clear();
    base::Frame frame = support::frame_of(link.pool, packet.octets);
    frame.local = local_;
    link.wire.push(std::move(frame));
    link.open();
    if (link.delivered.empty()) return false;
    const base::ByteSpan inner = link.delivered[0].bytes();
    CHECK(base::load_be16(&inner[22]) == static_cast<std::uint16_t>(packet.number));
    return true;
  }
  std::uint64_t count(Counter counter) const { return link.right.counters.get(counter); }
  const support::SaShape& shape() const { return shape_; }

  dataplane::HostLink link;

 private:
  support::SaShape shape_;
  base::Endpoint local_;
};

// What a receiver with a window must do, from a set of all that it has taken.
class Judge {
 public:
  explicit Judge(std::uint32_t window) : window_(window) {}
  bool takes(std::uint64_t number) {
    const bool left = number + window_ <= highest_;
    if (left || !taken_.insert(number).second) return false;
    if (taken_.size() == 1) before_ = number - std::min<std::uint64_t>(window_, number);
    late_ += number < highest_ ? 1 : 0;
    highest_ = std::max(highest_, number);
    return true;
  }
  // Numbers that have left the window since the first packet, and never came; and those that came late.
  std::uint64_t missed() const {
    std::uint64_t missing = 0;
    for (std::uint64_t n = before_ + 1; n + window_ <= highest_; ++n) missing += 1 - taken_.count(n);
    return missing;
  }
  std::uint64_t late() const { return late_; }

 private:
  std::uint32_t window_;
  std::uint64_t highest_ = 0, late_ = 0, before_ = 0;
  std::set<std::uint64_t> taken_;
};

// 30 % are lost, 10 % come twice, all come out of order, some by more than the window; a burst of all is
// lost.
std::vector<Recorded> trouble(const std::vector<Recorded>& sent, std::uint32_t window, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::pair<std::uint64_t, const Recorded*>> arrivals;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (i >= sent.size() / 2 && i < sent.size() / 2 + 500) continue;
    if (random() % 10 < 3) continue;
    const std::size_t copies = random() % 10 == 0 ? 2 : 1;
    for (std::size_t copy = 0; copy < copies; ++copy) {
      const std::uint64_t late = random() % 20 == 0 ? 2 * window : window / 4;
      arrivals.emplace_back(i + random() % (late + 1), &sent[i]);
    }
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Recorded> out;
  for (const auto& [when, packet] : arrivals) out.push_back(*packet);
  return out;
}

// Sends from that number on, through the trouble, and checks what arrives.
void survive(const support::SaShape& shape, std::uint64_t first) {
  Path path(shape);
  path.link.sender->next_sequence = first;
  if (first > 1) REQUIRE(path.link.receiver->window.update(first - 1));
  std::vector<Recorded> sent;
  for (int i = 0; i < 6000; ++i) sent.push_back(path.send());
  const auto arrivals = trouble(sent, shape.replay_window, first);
  Judge judge(shape.replay_window);
  if (first > 1) judge.takes(first - 1);
  std::uint64_t delivered = 0;
  for (const Recorded& packet : arrivals) {
    const bool taken = judge.takes(packet.number);
    REQUIRE(path.arrives(packet) == taken);
    delivered += taken ? 1 : 0;
  }
  CHECK(path.link.receiver->window.lost() == judge.missed());
  CHECK(path.link.receiver->window.late() == judge.late());
  CHECK(delivered > arrivals.size() / 2);
  const std::uint64_t left_out = arrivals.size() - delivered;
  CHECK(left_out > 0);
  CHECK(path.count(Counter::in_packets) == delivered);
  CHECK(path.count(Counter::in_replay) + path.count(Counter::in_integrity) == left_out);
  // All of it again: nothing is taken, and the counters add up. With ESN what is left of the window is tried
  // with a number of the next subspace (RFC 4303 A2.2), and fails the integrity check.
  for (const Recorded& packet : arrivals) REQUIRE_FALSE(path.arrives(packet));
  CHECK(path.count(Counter::in_packets) == delivered);
  CHECK(path.count(Counter::in_replay) + path.count(Counter::in_integrity) == left_out + arrivals.size());
  CHECK((shape.esn || path.count(Counter::in_integrity) == 0));
}

}  // namespace

TEST_CASE("F25: of lost, repeated and reordered packets each that is not left of the window arrives once") {
  for (const std::uint32_t window : {32u, 64u, 128u, 1024u}) {
    INFO(window);
    support::SaShape shape;
    shape.replay_window = window;
    survive(shape, 1);
  }
}

TEST_CASE("F25: the same with numbers that pass 2^32, which ESN alone lets them") {
  support::SaShape shape;
  shape.esn = true;
  survive(shape, (std::uint64_t{1} << 32) - 3000);
}

TEST_CASE("F25: a storm of SPIs that nobody has is counted, and moves nothing") {
  Path path({});
  Recorded genuine = path.send();
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    Recorded wrong = genuine;
    std::uint32_t spi = static_cast<std::uint32_t>(random());
    if (spi < 256 || spi == path.shape().spi) spi = 0xffffff00;
    base::store_be32(wrong.octets.data(), spi);
    REQUIRE_FALSE(path.arrives(wrong));
  }
  CHECK(path.count(Counter::in_no_sa) == 5000);
  CHECK(path.count(Counter::in_packets) == 0);
  CHECK(path.arrives(genuine));
}

TEST_CASE("F25: at the last number the sender stops, and says so long before") {
  for (const bool esn : {false, true}) {
    INFO(esn);
    support::SaShape shape;
    shape.esn = esn;
    Path path(shape);
    auto& next = path.link.sender->next_sequence;
    next = esn ? std::uint64_t{15} << 60 : std::uint64_t{15} << 28;
    (void)path.send();
    CHECK(path.link.left.out.take_alarm());  // of the soft limit: a rekey has a sixteenth of the numbers left
    next = (esn ? ~std::uint64_t{0} : std::uint64_t{1} << 32) - 3;
    REQUIRE(path.link.receiver->window.update(next - 1));
    CHECK(path.arrives(path.send()));
    CHECK(path.arrives(path.send()));
    if (!esn) CHECK(path.arrives(path.send()));
    for (int i = 0; i < 3; ++i) {
      path.link.give(path.link.datagram(10));
      path.link.seal();
      CHECK(path.link.wire.empty());
    }
  }
}
