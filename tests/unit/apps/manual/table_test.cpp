#include <catch2/catch_test_macros.hpp>

#include "tests/unit/apps/manual/harness.h"

using namespace manual_test;

namespace {

struct World {
  config_test::TemporaryDirectory folder;
  Tables t{folder / "counters"};
};

// The page's example: two SAs in transport mode, an SPD, its binding and its policies.
void load_page(Tables& t) {
  REQUIRE(t.sa(page_sa(10, 1001)).ok());
  REQUIRE(t.sa(page_sa(20, 1000, '5')).ok());
  REQUIRE(t.table.add_spd(1).ok());
  REQUIRE(t.table.bind({"eth0", 1}).ok());
  REQUIRE(t.policy(page_policy("inbound", 20)).ok());
  REQUIRE(t.policy(page_policy("outbound", 10)).ok());
}

}  // namespace

TEST_CASE("SAs with an id take their direction and their addresses from the policies that use them") {
  World w;
  load_page(w.t);
  const esp::OutboundSa* const out = w.t.port.sender("192.168.100.3", "192.168.100.2");
  REQUIRE(out != nullptr);
  CHECK(out->params.spi.value == 1001);
  CHECK(out->params.mode == esp::Mode::transport);
  CHECK(out->params.remote.address == ip("192.168.100.2"));
  const esp::InboundSa* const in = w.t.port.inbound(1000);
  REQUIRE(in != nullptr);
  CHECK(in->params.remote.address == ip("192.168.100.2"));
  CHECK(w.t.port.inbound(1001) == nullptr);
  CHECK(w.t.port.sender("192.168.100.3", "192.168.100.9") == nullptr);
  REQUIRE(w.t.port.routes.size() == 1);
  CHECK(w.t.port.routes.begin()->second.inner_mtu > 1300);
}

TEST_CASE("The policies of an SPD hold while it is bound") {
  World w;
  load_page(w.t);
  REQUIRE(w.t.table.unbind({"eth0", 1}).ok());
  CHECK(w.t.port.sender("192.168.100.3", "192.168.100.2") == nullptr);
  CHECK(w.t.port.inbound(1000) == nullptr);
  CHECK(w.t.port.routes.empty());
  REQUIRE(w.t.table.bind({"eth1", 1}).ok());
  CHECK(w.t.port.sender("192.168.100.3", "192.168.100.2") != nullptr);
  CHECK(w.t.port.inbound(1000) != nullptr);
  CHECK(w.t.table.add_spd(1).code == "exists");
  REQUIRE(w.t.table.add_spd(2).ok());
  CHECK(w.t.table.bind({"eth1", 2}).code == "exists");
  CHECK(w.t.table.bind({"eth1", 3}).code == "not-found");
  REQUIRE(w.t.table.delete_spd(1).ok());
  CHECK(w.t.table.policies().empty());
  CHECK(w.t.port.policy("192.168.100.3", "192.168.100.2") == nullptr);
}

TEST_CASE("A number that has been sent is not sent again when an SPD is bound anew") {
  World w;
  load_page(w.t);
  w.t.port.sender("192.168.100.3", "192.168.100.2")->next_sequence = 77;
  REQUIRE(w.t.table.unbind({"eth0", 1}).ok());
  REQUIRE(w.t.table.bind({"eth0", 1}).ok());
  CHECK(w.t.port.sender("192.168.100.3", "192.168.100.2")->next_sequence == 77);
}

TEST_CASE("An SA that policies name by its id cannot be deleted, one that eroutes name can") {
  World w;
  load_page(w.t);
  CHECK(w.t.remove({{"id", 10}}).code == "in-use");
  CHECK(w.t.remove({{"id", 11}}).code == "not-found");
  REQUIRE(w.t.table.clear_policies(1).ok());
  REQUIRE(w.t.remove({{"id", 10}}).ok());

  REQUIRE(w.t.sa(klips_sa(0x1001, "192.168.100.2", '6')).ok());
  const json eroute = {
      {"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "esp0x1001@192.168.100.2"}};
  REQUIRE(w.t.eroute(eroute).ok());
  CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1") != nullptr);
  REQUIRE(w.t.remove({{"said", "esp.1001@192.168.100.2"}}).ok());
  REQUIRE(w.t.port.policy("10.0.0.1", "10.9.0.1") != nullptr);  // and what it matches does not leave in clear
  CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1") == nullptr);
  CHECK(w.t.port.routes.size() == 1);
  REQUIRE(w.t.sa(klips_sa(0x1001, "192.168.100.2", '6')).ok());
  CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1") != nullptr);
}

TEST_CASE("An SA without an id comes in where its destination is ours") {
  World w;
  REQUIRE(w.t.sa(klips_sa(0x2001, "192.168.100.3")).ok());
  REQUIRE(w.t.sa(klips_sa(0x2001, "192.168.100.2", '7')).ok());
  CHECK(w.t.sa(klips_sa(0x2001, "192.168.100.2", '8')).code == "exists");
  CHECK(w.t.port.inbound(0x2001) != nullptr);
  CHECK(w.t.port.sad.bundles().size() == 1);
  REQUIRE(w.t.table.clear_sas().ok());
  CHECK(w.t.port.inbound(0x2001) == nullptr);
  CHECK(w.t.port.sad.bundles().empty());
  CHECK(w.t.port.reserved.empty());
}

TEST_CASE("An SPI that an SA of IKEv2 has is refused, and nothing of the SA stays") {
  World w;
  w.t.port.reserved.insert(0x2001);
  const auto refused = w.t.sa(klips_sa(0x2001, "192.168.100.3"));
  CHECK(refused.code == "failed");
  CHECK(refused.reason == "SPI 0x2001 belongs to another inbound SA");
  CHECK(w.t.table.sas().empty());
  w.t.port.reserved.clear();
  CHECK(w.t.sa(klips_sa(0x2001, "192.168.100.3")).ok());
}

TEST_CASE("Magic eroutes are actions, and replacing one leaves no gap") {
  World w;
  const json eroute = {{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "%trap"}};
  REQUIRE(w.t.eroute(eroute).ok());
  CHECK(w.t.eroute(eroute).code == "exists");
  const base::ChildId trap{w.t.port.policy("10.0.0.1", "10.9.0.1")->id};
  CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1")->action == spd::Action::trap);
  for (const auto& [said, action] :
       {std::pair("%hold", spd::Action::hold), std::pair("%drop", spd::Action::discard),
        std::pair("%reject", spd::Action::reject), std::pair("%pass", spd::Action::bypass)}) {
    json other = eroute;
    other["said"] = said;
    REQUIRE(w.t.table.replace_eroute(read_manual_eroute(other, true).value()).ok());
    CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1")->action == action);
    CHECK(w.t.table.policies().size() == 1);
  }
  CHECK(w.t.port.routes.empty());  // of %pass
  CHECK_FALSE(w.t.table.acquire(trap, {}, base::Instant(std::chrono::seconds(1))));
  const json bare = {{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}};
  REQUIRE(w.t.table.delete_policy(read_manual_eroute(bare, false).value()).ok());
  CHECK(w.t.table.delete_policy(read_manual_eroute(bare, false).value()).code == "not-found");
  CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1") == nullptr);
}

TEST_CASE("tun and esp in a group are one SA in tunnel mode, and go together") {
  World w;
  REQUIRE(w.t.sa({{"protocol", "tun"},
                  {"spi", 0x3d0},
                  {"source", "192.168.100.3"},
                  {"destination", "192.168.100.2"}})
              .ok());
  REQUIRE(w.t.sa(klips_sa(0x3e8, "192.168.100.2")).ok());
  REQUIRE(
      w.t.eroute(
             {{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "tun0x3d0@192.168.100.2"}})
          .ok());
  CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1") == nullptr);
  const std::vector<base::Said> members = {*base::parse_said("tun0x3d0@192.168.100.2"),
                                           *base::parse_said("esp0x3e8@192.168.100.2")};
  REQUIRE(w.t.table.add_group(members).ok());
  CHECK(w.t.table.add_group(members).code == "in-use");
  REQUIRE(w.t.port.sender("10.0.0.1", "10.9.0.1") != nullptr);
  CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1")->params.mode == esp::Mode::tunnel);
  REQUIRE(w.t.table.delete_group(members[1]).ok());
  CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1") == nullptr);
  REQUIRE(w.t.table.add_group(members).ok());
  REQUIRE(w.t.remove({{"said", "esp.3e8@192.168.100.2"}}).ok());
  CHECK(w.t.table.sas().empty());
  CHECK(w.t.table.groups().empty());
  CHECK(w.t.port.sad.bundles().empty());
}

TEST_CASE("A group of four is one bundle each way, and its members stand no more by themselves") {
  World w;
  const auto add = [&](const char* protocol, std::uint32_t spi, const char* from, const char* to, char key) {
    json sa = {{"protocol", protocol}, {"spi", spi}, {"source", from}, {"destination", to}};
    if (protocol == std::string("esp") || protocol == std::string("ah")) {
      sa["integ"] = "sha1-96";
      sa["integ_key"] = std::string(40, key);
    }
    if (protocol == std::string("esp")) {
      sa["encr"] = "aes-cbc-128";
      sa["encr_key"] = std::string(32, key);
    }
    REQUIRE(w.t.sa(sa).ok());
  };
  std::vector<base::Said> out, in;
  for (const auto& [protocol, spi] : {std::pair("tun", 0x3d0u), std::pair("comp", 0x3d0u),
                                      std::pair("esp", 0x1001u), std::pair("ah", 0x1002u)}) {
    add(protocol, spi, "192.168.100.3", "192.168.100.2", '1');
    add(protocol, spi, "192.168.100.2", "192.168.100.3", '2');
    const std::uint8_t number = base::said_protocol(protocol);
    out.push_back({number, base::Spi(spi), ip("192.168.100.2")});
    in.push_back({number, base::Spi(spi), ip("192.168.100.3")});
  }
  REQUIRE(w.t.port.inbound(0x1001) != nullptr);
  CHECK(w.t.port.sad.bundles().size() == 2);  // esp and ah alone
  REQUIRE(w.t.table.add_group(out).ok());
  REQUIRE(w.t.table.add_group(in).ok());
  REQUIRE(
      w.t.eroute(
             {{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "tun0x3d0@192.168.100.2"}})
          .ok());
  REQUIRE(w.t.port.sad.bundles().size() == 1);
  const esp::Bundle& bundle = *w.t.port.sad.bundles().begin()->second;
  CHECK(bundle.outbound.size() == 4);
  CHECK(bundle.chain);
  CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1")->bundle == bundle.id);
  CHECK(w.t.port.routes.begin()->second.inner_mtu == esp::inner_mtu(bundle));
  REQUIRE(w.t.port.sad.inbound_bundles().size() == 1);
  CHECK(w.t.port.sad.inbound_bundles().begin()->second->inbound.size() == 4);
  CHECK(w.t.port.inbound(0x1001) == nullptr);  // what comes without AH around it is not taken

  REQUIRE(w.t.table.delete_group(in[2]).ok());
  CHECK(w.t.port.inbound(0x1001) != nullptr);
  CHECK(w.t.port.sad.inbound_bundles().empty());
  REQUIRE(w.t.remove({{"said", "comp.3d0@192.168.100.2"}}).ok());
  CHECK(w.t.table.sas().size() == 4);
  CHECK(w.t.port.sad.bundles().empty());
  REQUIRE(w.t.table.clear_sas().ok());
  CHECK(w.t.port.sad.inbound().empty());
  CHECK(w.t.port.reserved.empty());
}

TEST_CASE("Groups keep spigrp's rules") {
  World w;
  REQUIRE(w.t.sa({{"protocol", "tun"}, {"spi", 1}, {"destination", "192.168.100.2"}}).ok());
  REQUIRE(w.t.sa(klips_sa(0x3e8, "192.168.100.2")).ok());
  REQUIRE(w.t.sa(klips_sa(0x3e8, "192.168.100.4", '5')).ok());
  const auto group = [&](std::initializer_list<const char*> names) {
    std::vector<base::Said> members;
    for (const char* name : names) members.push_back(*base::parse_said(name));
    return w.t.table.add_group(members).code;
  };
  CHECK(group({"tun.1@192.168.100.2"}) == "usage");
  CHECK(group({"tun.1@192.168.100.2", "esp.3e9@192.168.100.2"}) == "not-found");
  CHECK(group({"esp.3e8@192.168.100.2", "tun.1@192.168.100.2"}) == "usage");
  CHECK(group({"tun.1@192.168.100.2", "esp.3e8@192.168.100.4"}) == "usage");
  CHECK(group({"tun.1@192.168.100.2", "tun.1@192.168.100.2"}) == "usage");
  CHECK(w.t.table.groups().empty());
}

TEST_CASE("Keys of a live SA change in place, and what the new keys cannot be leaves the old ones") {
  World w;
  load_page(w.t);
  esp::OutboundSa* const out = w.t.port.sender("192.168.100.3", "192.168.100.2");
  const crypto::Cipher* const before = out->cipher.get();
  out->next_sequence = 5;
  const auto change = [&](const std::string& encr) {
    json args = {{"id", 10}, {"encr_key", encr}, {"integ_key", std::string(40, '1')}};
    return w.t.table.change_keys(read_manual_keys(args).value());
  };
  CHECK(change("00").code == "usage");
  CHECK(out->cipher.get() == before);
  CHECK(base::to_hex(w.t.table.sas().begin()->second.spec.encr_key) == "4a506a794f574265564551694d653768");
  REQUIRE(change(std::string(32, '2')).ok());
  CHECK(out->cipher.get() != before);
  CHECK(out->next_sequence == 5);
  CHECK(base::to_hex(w.t.table.sas().begin()->second.spec.encr_key) == std::string(32, '2'));
}

TEST_CASE("Limits of octets go to the data path, those of time are watched, and a hard one ends the SA") {
  World w;
  json sa = klips_sa(0x3e8, "192.168.100.2");
  sa["life"] = {{"bytes", {1000, 2000}}, {"packets", {0, 7}}, {"addtime", {10, 20}}};
  const base::Instant begin(std::chrono::seconds(1000));
  REQUIRE(w.t.sa(sa, begin).ok());
  const auto& bundle = *w.t.port.sad.bundles().begin()->second;
  CHECK(bundle.outbound[0]->params.lifetime_bytes == 2000);
  CHECK(bundle.outbound[0]->params.soft_bytes == 1000);
  CHECK(bundle.outbound[0]->params.lifetime_packets == 7);
  w.t.table.tick(begin + std::chrono::seconds(10));
  CHECK(w.t.log.events.empty());
  w.t.table.tick(begin + std::chrono::seconds(11));
  w.t.table.tick(begin + std::chrono::seconds(12));
  REQUIRE(w.t.log.events.size() == 1);
  CHECK(w.t.log.events[0].starts_with("sa-expires-soon: "));
  w.t.table.tick(begin + std::chrono::seconds(21));
  CHECK(w.t.log.events.size() == 2);
  CHECK(w.t.table.sas().empty());
  CHECK(w.t.port.sad.bundles().empty());
}

TEST_CASE("Use time begins with the first packet, and a limit of the data path ends the SA by its name") {
  World w;
  json sa = klips_sa(0x3e8, "192.168.100.2");
  sa["life"] = {{"usetime", {0, 5}}};
  const base::Instant begin(std::chrono::seconds(1000));
  REQUIRE(w.t.sa(sa, begin).ok());
  w.t.table.tick(begin + std::chrono::seconds(100));
  const auto& entry = w.t.table.sas().begin()->second;
  entry.life->first = std::chrono::nanoseconds(begin.time_since_epoch() + std::chrono::seconds(200)).count();
  w.t.table.tick(begin + std::chrono::seconds(205));
  REQUIRE(w.t.table.sas().size() == 1);
  const base::ChildId name = entry.out_name;
  CHECK_FALSE(w.t.table.expire(base::ChildId{3}, true));
  CHECK(w.t.table.expire(name, false));
  CHECK(w.t.table.sas().size() == 1);
  CHECK(w.t.table.expire(name, true));
  CHECK(w.t.table.sas().empty());
}

TEST_CASE("SAs and policies by the thousand cost as little each as one") {
  World w;
  REQUIRE(w.t.table.add_spd(1).ok());
  REQUIRE(w.t.table.bind({"eth0", 1}).ok());
  for (std::uint32_t i = 0; i < 2000; ++i) {
    json sa = page_sa(i, 0x10000 + i);
    sa["encr_key"] = std::string(16, '0') + base::to_hex(0x100000000 + i, 16);
    REQUIRE(w.t.sa(sa).ok());
    json policy = page_policy("outbound", i);
    policy["remote"] = "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".1";
    REQUIRE(w.t.policy(policy).ok());
  }
  CHECK(w.t.port.sender("192.168.100.3", "10.3.9.1")->params.spi.value == 0x10000 + 3 * 256 + 9);
}

TEST_CASE("What is discarded on its way out is not kept out on its way in, and the other way round") {
  World w;
  REQUIRE(w.t.eroute({{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "%drop"}}).ok());
  REQUIRE(w.t.port.routes.size() == 1);
  CHECK(w.t.port.routes.begin()->second.use == tun::PathUse::routed);
  REQUIRE(w.t.table.clear_policies(config::ManualPolicy::kEroutes).ok());
  REQUIRE(w.t.eroute({{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "%trap"}}).ok());
  CHECK(w.t.port.routes.begin()->second.use == tun::PathUse::both);
  REQUIRE(w.t.table.clear_policies(config::ManualPolicy::kEroutes).ok());
  CHECK(w.t.port.routes.empty());

  REQUIRE(w.t.table.add_spd(1).ok());
  REQUIRE(w.t.table.bind({"eth0", 1}).ok());
  json in = {{"spd", 1},
             {"direction", "inbound"},
             {"priority", 5},
             {"action", "discard"},
             {"local", "10.0.0.0/8"},
             {"remote", "10.9.0.0/16"}};
  REQUIRE(w.t.policy(in).ok());
  REQUIRE(w.t.port.routes.size() == 1);
  CHECK(w.t.port.routes.begin()->second.use == tun::PathUse::kept_out);
  CHECK(w.t.port.spd.snapshot()->discards_inbound());
  CHECK(w.t.port.policy("10.0.0.1", "10.9.0.1") == nullptr);  // nothing is said of what goes out
  in["remote"] = "10.8.0.0/16|tcp/80";                        // the guard knows no ports
  REQUIRE(w.t.policy(in).ok());
  in["remote"] = "10.7.0.0/16";
  in["action"] = "bypass";
  REQUIRE(w.t.policy(in).ok());
  CHECK(w.t.port.routes.size() == 1);
  REQUIRE(w.t.table.delete_spd(1).ok());
  CHECK(w.t.port.routes.empty());
  CHECK_FALSE(w.t.port.spd.snapshot()->discards_inbound());
}

TEST_CASE("An inbound bypass opens the guard while its SPD is bound, for what comes by those interfaces") {
  World w;
  REQUIRE(w.t.table.add_spd(1).ok());
  json in = {{"spd", 1},           {"direction", "inbound"},       {"priority", 5},
             {"action", "bypass"}, {"local", "10.0.0.0/8|udp/53"}, {"remote", "10.9.0.0/16|udp"}};
  REQUIRE(w.t.policy(in).ok());
  CHECK(w.t.port.in_clear.empty());
  CHECK(w.t.port.spd.size() == 0);
  const auto interfaces = [&] { return w.t.port.in_clear.begin()->second.interfaces; };
  REQUIRE(w.t.table.bind({"GigabitEthernet0/8/0", 1}).ok());
  REQUIRE(w.t.port.in_clear.size() == 1);
  CHECK(w.t.port.in_clear.begin()->second.bypass);
  CHECK(w.t.port.in_clear.begin()->second.priority == 5);
  CHECK(interfaces() == std::vector<std::string>{"eth0"});
  REQUIRE(w.t.table.bind({"eth7", 1}).ok());
  CHECK(interfaces() == std::vector<std::string>{"eth0", "eth7"});
  REQUIRE(w.t.table.unbind({"GigabitEthernet0/8/0", 1}).ok());
  CHECK(interfaces() == std::vector<std::string>{"eth7"});
  REQUIRE(w.t.table.unbind({"eth7", 1}).ok());
  CHECK(w.t.port.in_clear.empty());
  CHECK(w.t.port.spd.size() == 0);

  REQUIRE(w.t.eroute({{"direction", "inbound"},
                      {"source", "10.0.0.0/8"},
                      {"destination", "10.9.0.0/16"},
                      {"said", "%pass"}})
              .ok());
  REQUIRE(w.t.port.in_clear.size() == 1);
  CHECK(w.t.port.in_clear.begin()->second.bypass);
  CHECK(interfaces().empty());  // any
}

TEST_CASE("Other inbound policies say which bypasses they stand before, and a discard before its equals") {
  World w;
  load_page(w.t);
  REQUIRE(w.t.port.in_clear.size() == 1);
  const RoutedChild& protects = w.t.port.in_clear.begin()->second;
  CHECK_FALSE(protects.bypass);
  CHECK(protects.priority == 10);
  json in = {{"spd", 1},
             {"direction", "inbound"},
             {"priority", 2147483647},
             {"action", "discard"},
             {"local", "192.168.100.3"},
             {"remote", "192.168.100.2"}};
  REQUIRE(w.t.policy(in).ok());
  CHECK(w.t.port.routes.rbegin()->second.use == tun::PathUse::kept_out);
  CHECK(w.t.port.routes.rbegin()->second.priority == 2147483648LL);
}
