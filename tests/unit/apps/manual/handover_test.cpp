// SAs that change their thread: what each thread does is done when the test says so.
#include <algorithm>
#include <array>
#include <deque>

#include "esp/sequence.h"
#include "tests/unit/apps/manual/harness.h"

namespace {

using namespace manual_test;

constexpr std::uint32_t kLanes = 4;

// Four threads, each with its SAs and a queue of what it has been told.
class LanePort : public FakePort {
 public:
  using Task = std::function<void()>;

  std::uint32_t lanes() const override { return kLanes; }
  void add(std::shared_ptr<esp::InboundSa> sa) override {
    const std::uint32_t lane = lane_of(sa->params.spi);
    in[lane].push_back([this, lane, sa] { REQUIRE(sads[lane].add(sa)); });
  }
  void add(std::shared_ptr<const esp::Bundle> bundle) override {
    const std::uint32_t lane = lane_of(bundle->id);
    out[lane].push_back([this, lane, bundle] { sads[lane].add(bundle); });
  }
  void add(base::Spi outermost, std::shared_ptr<const esp::InboundBundle> bundle) override {
    const std::uint32_t lane = lane_of(outermost);
    in[lane].push_back([this, lane, bundle] { REQUIRE(sads[lane].add(bundle)); });
  }
  void remove(base::ChildId name) override {
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      in[lane].push_back([this, lane, name] { sads[lane].remove(name); });
      out[lane].push_back([this, lane, name] { sads[lane].remove(name); });
    }
  }
  void on_receiver(base::Spi spi, Task task) override { in[lane_of(spi)].push_back(std::move(task)); }
  void on_sender(base::ChildId name, Task task) override { out[lane_of(name)].push_back(std::move(task)); }
  void after_receiver(base::Spi spi, Task then) override {
    in[lane_of(spi)].push_back([this, then] { news.push_back(then); });
  }
  void after_sender(base::ChildId name, Task then) override {
    out[lane_of(name)].push_back([this, then] { news.push_back(then); });
  }

  static std::uint32_t lane_of(base::Spi spi) { return spi.value % kLanes; }
  static std::uint32_t lane_of(base::ChildId name) { return static_cast<std::uint32_t>(name.value % kLanes); }
  static void run(std::deque<Task>& queue) {
    while (!queue.empty()) {
      const Task task = std::move(queue.front());
      queue.pop_front();
      task();
    }
  }
  // All threads do all that they have been told, and the IKE thread hears of it, until nothing is left. The
  // lane `last` comes last each time.
  void settle(std::uint32_t last) {
    const auto busy = [](const auto& queues) {
      return std::any_of(queues.begin(), queues.end(), [](const auto& queue) { return !queue.empty(); });
    };
    while (busy(in) || busy(out) || !news.empty()) {
      for (std::uint32_t i = 1; i <= kLanes; ++i) {
        run(in[(last + i) % kLanes]);
        run(out[(last + i) % kLanes]);
      }
      run(news);
    }
  }
  // The SA with that SPI by which its thread sends, or takes, now; null where there is none.
  esp::OutboundSa* sender(std::uint32_t spi) {
    for (esp::Sad& one : sads) {
      for (const auto& [id, bundle] : one.bundles()) {
        for (const auto& sa : bundle->outbound) {
          if (sa->params.spi == base::Spi(spi)) return sa.get();
        }
      }
    }
    return nullptr;
  }
  esp::InboundSa* receiver(std::uint32_t spi) {
    for (esp::Sad& one : sads) {
      const auto found = one.inbound().find(base::Spi(spi));
      if (found != one.inbound().end()) return found->second.get();
    }
    return nullptr;
  }

  std::array<esp::Sad, kLanes> sads;
  std::array<std::deque<Task>, kLanes> in, out;
  std::deque<Task> news;
};

struct Lanes {
  LanePort port;
  Log log;
  config_test::TemporaryDirectory directory;
  CounterLedger ledger{directory / "state"};
  ManualTable table{port, ledger, log};

  void sa(json args) { REQUIRE(table.add_sa(read_manual_sa(args).value(), {}).ok()); }
  void group(std::uint32_t esp_spi, std::uint32_t ah_spi, const char* destination) {
    const base::IpAddress to = ip(destination);
    REQUIRE(table
                .add_group({{base::ip_protocol::kEsp, base::Spi(esp_spi), to},
                            {base::ip_protocol::kAh, base::Spi(ah_spi), to}})
                .ok());
  }
  void ungroup(std::uint32_t esp_spi, const char* destination) {
    REQUIRE(
        table.delete_group(base::Said{base::ip_protocol::kEsp, base::Spi(esp_spi), ip(destination)}).ok());
  }
};

json ah_sa(std::uint32_t spi, const char* destination) {
  return {{"protocol", "ah"},
          {"spi", spi},
          {"destination", destination},
          {"integ", "sha1-96"},
          {"integ_key", "9339314b55523947594d6d3547666b45764e6a58"}};
}

void send(esp::OutboundSa* sa, int packets) {
  REQUIRE(sa != nullptr);
  for (int i = 0; i < packets; ++i) REQUIRE(esp::take_sequence(sa->next_sequence, sa->params.suite.esn));
}

const char* const kPeer = "192.168.100.2";
const char* const kUs = "192.168.100.3";

}  // namespace

TEST_CASE("SAs are sent by the threads in turn, eroutes between them or not") {
  Lanes s;
  std::set<std::uint32_t> lanes;
  for (std::uint32_t spi = 0x1001; spi < 0x1001 + kLanes; ++spi) {
    s.sa(klips_sa(spi, kPeer));
    s.port.settle(0);
    lanes.insert(LanePort::lane_of(s.port.sender(spi)->params.child));
    const json eroute = {{"source", "10.1.0.0/24"},
                         {"destination", "10.2." + std::to_string(spi - 0x1000) + ".0/24"},
                         {"said", "%pass"}};
    REQUIRE(s.table.add_policy(read_manual_eroute(eroute, true).value()).ok());
  }
  CHECK(lanes.size() == kLanes);
}

TEST_CASE("policies of before, which know a group by its name, do not find its outermost SA alone under it") {
  Lanes s;
  s.sa(klips_sa(0x1001, kPeer));
  s.sa(ah_sa(0x2001, kPeer));
  s.port.settle(0);
  const auto name_now = [&] { return s.port.sender(0x2001)->params.child; };
  const auto stands = [&](base::ChildId name) {
    return std::any_of(s.port.sads.begin(), s.port.sads.end(),
                       [&](const esp::Sad& sad) { return sad.find(name) != nullptr; });
  };
  const base::ChildId alone = name_now();
  s.group(0x1001, 0x2001, kPeer);
  s.port.settle(0);
  const base::ChildId grouped = name_now();
  CHECK_FALSE(stands(alone));
  CHECK(stands(grouped));
  s.ungroup(0x1001, kPeer);
  s.port.settle(0);
  CHECK_FALSE(stands(grouped));
  CHECK(stands(name_now()));
  CHECK(LanePort::lane_of(name_now()) == LanePort::lane_of(alone));
}

TEST_CASE("a group whose thread is another begins behind the last number that the former one has sent") {
  Lanes s;
  s.sa(klips_sa(0x1001, kPeer));
  s.sa(ah_sa(0x2001, kPeer));
  s.port.settle(0);
  esp::OutboundSa* const alone = s.port.sender(0x1001);
  const std::uint32_t before = LanePort::lane_of(alone->params.child);
  send(alone, 5);
  s.group(0x1001, 0x2001, kPeer);
  // The other threads are faster; the one that had the SA sends on, until it comes to what it has been told.
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    if (lane != before) LanePort::run(s.port.out[lane]);
  }
  LanePort::run(s.port.news);
  send(alone, 3);
  s.port.settle(before);
  esp::OutboundSa* const grouped = s.port.sender(0x1001);
  REQUIRE(grouped != nullptr);
  CHECK(LanePort::lane_of(grouped->params.child) != before);
  CHECK(grouped->next_sequence == 9);
}

TEST_CASE("B143: grouped and taken apart many times in haste, an SA sends no number twice") {
  Lanes s;
  s.sa(klips_sa(0x1001, kPeer));
  s.sa(ah_sa(0x2001, kPeer));
  s.port.settle(0);
  std::uint64_t sent = 0;
  const auto send_where_it_is = [&] {
    esp::OutboundSa* const sa = s.port.sender(0x1001);
    if (sa == nullptr) return;
    CHECK(sa->next_sequence > sent);
    sent = sa->next_sequence;
    send(sa, 1);
  };
  for (std::uint32_t turn = 0; turn < 200; ++turn) {
    turn % 2 == 0 ? s.group(0x1001, 0x2001, kPeer) : s.ungroup(0x1001, kPeer);
    send_where_it_is();
    // Some threads have done what they were told, some have not, when the next change comes.
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      if ((turn * 7 + lane * 3) % 5 < 2) continue;
      LanePort::run(s.port.out[lane]);
      send_where_it_is();
    }
    if (turn % 3 == 0) LanePort::run(s.port.news);
    send_where_it_is();
  }
  s.port.settle(0);
  send_where_it_is();
  CHECK(sent > 50);
  CHECK(s.log.events.empty());
}

TEST_CASE("a group whose thread is another takes no number again that the former one has taken") {
  Lanes s;
  s.sa(klips_sa(0x1001, kUs));
  s.sa(ah_sa(0x2002, kUs));
  s.port.settle(0);
  esp::InboundSa* const alone = s.port.receiver(0x1001);
  REQUIRE(alone != nullptr);
  alone->window.update(4);
  s.group(0x1001, 0x2002, kUs);
  LanePort::run(s.port.in[2]);
  LanePort::run(s.port.news);
  alone->window.update(5);  // its thread has not come to what it has been told
  s.port.settle(1);
  const esp::InboundSa* const grouped = s.port.receiver(0x1001);
  REQUIRE(grouped != nullptr);
  REQUIRE(grouped != alone);
  CHECK(grouped->window.highest() == 5);
}

TEST_CASE("an SA that is deleted while its thread is waited for stays away") {
  Lanes s;
  s.sa(klips_sa(0x1001, kPeer));
  s.sa(ah_sa(0x2001, kPeer));
  s.port.settle(0);
  s.group(0x1001, 0x2001, kPeer);
  REQUIRE(s.table.delete_sa(base::Said{base::ip_protocol::kAh, base::Spi(0x2001), ip(kPeer)}).ok());
  s.port.settle(1);
  CHECK(s.port.sender(0x1001) == nullptr);
  CHECK(s.port.sender(0x2001) == nullptr);
  CHECK(s.table.sas().empty());
}
