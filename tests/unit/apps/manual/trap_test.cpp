// Traps by hand: IKE is asked for a child of a profile, or nobody is there to ask.
#include "apps/daemon/child_finder.h"
#include "tests/unit/apps/manual/harness.h"

using namespace manual_test;

namespace {

using std::chrono::seconds;

struct World {
  config_test::TemporaryDirectory folder;
  Tables t{folder / "counters"};
  base::ChildId trap;

  World() {
    REQUIRE(t.eroute({{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "%trap"}}).ok());
    trap = base::ChildId{t.port.policy("10.0.0.1", "10.9.0.1")->id};
  }
  spd::PacketKey packet() const { return {ip("10.0.0.1"), ip("10.9.0.1"), 0, 0, 17, true}; }
  spd::Action action() { return t.port.policy("10.0.0.1", "10.9.0.1")->action; }
};

const ChildName kNet{"pr1", "net"};
constexpr base::ChildId kChild{77};

}  // namespace

TEST_CASE("A trap that nobody answers lets go after half a minute") {
  World w;
  const base::Instant begin(seconds(100));
  CHECK(w.t.table.acquire(w.trap, {}, begin));
  w.t.table.tick(begin + seconds(29));
  CHECK(w.t.port.answered.empty());
  w.t.table.tick(begin + seconds(30));
  w.t.table.tick(begin + seconds(61));
  CHECK(w.t.port.answered == std::vector{w.trap});
  CHECK(w.t.log.events.back() ==
        "acquire: a packet waits at a trap for an SA, and no profile has a child for it");
}

TEST_CASE("A trap asks for the child of a profile, and protects by it until it goes") {
  World w;
  w.t.port.profile_child = kNet;
  CHECK(w.t.table.acquire(w.trap, w.packet(), base::Instant(seconds(100))));
  CHECK(w.t.port.acquires == 1);
  CHECK(w.t.log.events.back() == "acquire: a packet at a trap asks for child net of pr1");
  w.t.table.tick(base::Instant(seconds(200)));
  CHECK(w.t.port.answered.empty());  // IKE is at work
  CHECK(w.action() == spd::Action::trap);
  w.t.port.standing_child = kChild;
  w.t.table.answered({"pr1", "other"}, {});
  CHECK(w.t.port.answered.empty());
  w.t.table.answered(kNet, {});
  CHECK(w.t.port.answered == std::vector{w.trap});
  CHECK(w.t.port.pauses == std::vector{base::Duration{}});
  CHECK(w.action() == spd::Action::protect);
  CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1")->bundle == kChild);
  // Else what waits there would be taken to wait on.
  CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1")->id != w.trap.value);
  w.t.port.spd.remove(kChild);  // as the data path does when the child goes
  CHECK(w.action() == spd::Action::trap);
}

TEST_CASE("A trap whose child has failed pauses, and asks again then") {
  World w;
  w.t.port.profile_child = kNet;
  CHECK(w.t.table.acquire(w.trap, w.packet(), base::Instant(seconds(100))));
  w.t.table.answered(kNet, seconds(9));
  CHECK(w.t.port.pauses == std::vector<base::Duration>{seconds(9)});
  CHECK(w.action() == spd::Action::trap);
  CHECK(w.t.table.acquire(w.trap, w.packet(), base::Instant(seconds(110))));
  CHECK(w.t.port.acquires == 2);
  // The child is up for others, and does not take this packet: no storm of questions.
  w.t.table.answered(kNet, {});
  CHECK(w.t.port.pauses.back() >= seconds(1));
}

TEST_CASE("A trap that is deleted takes along what it has put in its place") {
  World w;
  w.t.port.profile_child = kNet;
  w.t.port.standing_child = kChild;
  CHECK(w.t.table.acquire(w.trap, w.packet(), {}));
  w.t.table.answered(kNet, {});
  REQUIRE(w.action() == spd::Action::protect);
  const json bare = {{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}};
  REQUIRE(w.t.table.delete_policy(read_manual_eroute(bare, false).value()).ok());
  CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1") == nullptr);
}

TEST_CASE("Of the children that are for a packet the narrowest is chosen") {
  const auto child = [](const char* name, const char* local, const char* remote) {
    ikev2::ChildConfig made;
    made.name = name;
    made.local_ts = {spd::TrafficSelector::parse(local).value()};
    if (*remote != 0) made.remote_ts = {spd::TrafficSelector::parse(remote).value()};
    return made;
  };
  ikev2::PeerConfig wide, narrow, waiting;
  wide.name = "wide";
  wide.remote_address = ip("192.0.2.1");
  wide.children = {child("all", "0.0.0.0/0", "0.0.0.0/0"), child("host", "10.0.0.0/8", "")};
  narrow.name = "narrow";
  narrow.remote_address = ip("192.0.2.2");
  narrow.children = {child("web", "10.0.0.0/8", "10.9.0.0/16|tcp/80"),
                     child("net", "10.0.0.0/8", "10.9.0.0/16")};
  waiting.name = "waiting";  // for anybody: it cannot begin
  waiting.children = {child("net", "10.0.0.1", "10.9.0.1")};
  const auto found = [&](const char* remote, std::uint8_t protocol, std::uint16_t port) {
    daemon_app::ChildFinder finder({ip("10.0.0.1"), ip(remote), 1000, port, protocol, true});
    for (const auto* profile : {&wide, &narrow, &waiting}) finder.look_at(*profile);
    return finder.best();
  };
  CHECK(found("10.9.0.1", 17, 80) == ChildName{"narrow", "net"});
  CHECK(found("10.9.0.1", 6, 80) == ChildName{"narrow", "web"});
  CHECK(found("10.8.0.1", 17, 80) == ChildName{"wide", "all"});
  CHECK(found("192.0.2.1", 17, 80) == ChildName{"wide", "host"});
  CHECK(found("2001:db8::1", 17, 80) == std::nullopt);
}
