#include "spd/selector.h"

#include <catch2/catch_test_macros.hpp>

namespace {

spd::TrafficSelector ts(std::string_view text) {
  auto result = spd::TrafficSelector::parse(text);
  INFO(text);
  REQUIRE(result.has_value());
  return *result;
}

spd::TrafficSelectors list(std::initializer_list<std::string_view> texts) {
  spd::TrafficSelectors out;
  for (const auto text : texts) out.push_back(ts(text));
  return out;
}

std::string reason(std::string_view text) {
  const auto result = spd::TrafficSelector::parse(text);
  return result.has_error() ? result.error().reason : "accepted";
}

}  // namespace

TEST_CASE("the selectors of a packet name its addresses, its protocol and its ports") {
  spd::PacketKey key;
  key.local = *base::IpAddress::parse("10.1.0.5");
  key.remote = *base::IpAddress::parse("10.2.0.7");
  key.local_port = 40000;
  key.remote_port = 443;
  key.protocol = base::ip_protocol::kTcp;
  CHECK(spd::text(spd::selectors_of(key).local) == "10.1.0.5/32|tcp/40000");
  CHECK(spd::text(spd::selectors_of(key).remote) == "10.2.0.7/32|tcp/443");
  CHECK(spd::selectors_of(key).matches(key));
  key.ports_known = false;
  CHECK(spd::text(spd::selectors_of(key).remote) == "10.2.0.7/32|tcp");
  key.ports_known = true;
  key.protocol = base::ip_protocol::kIcmp;
  CHECK(spd::text(spd::selectors_of(key).remote) == "10.2.0.7/32|icmp");
  key.protocol = 47;
  CHECK(spd::text(spd::selectors_of(key).remote) == "10.2.0.7/32|gre");
}

TEST_CASE("a selector prints as it was written") {
  for (const std::string_view text :
       {"10.0.0.0/8", "192.0.2.7/32", "192.0.2.1-192.0.2.9", "0.0.0.0/0|tcp/443", "10.1.0.0/16|udp/1000-2000",
        "2001:db8::/32|icmpv6", "::/0|esp", "10.0.0.0/8|99", "10.0.0.0/8|icmp/8", "10.0.0.0/8|icmp/8.0",
        "10.0.0.0/8|icmp/3.1-5.2", "10.0.0.0/8|icmp/8-11", "10.0.0.0/8|tcp/opaque",
        "2001:db8::1-2001:db8::7"}) {
    CHECK(ts(text).text() == text);
  }
  CHECK(ts("192.0.2.7").text() == "192.0.2.7/32");
  CHECK(ts("10.0.0.0-10.255.255.255").text() == "10.0.0.0/8");
  CHECK(ts("10.0.0.0/8|0").text() == "10.0.0.0/8");
  CHECK(ts("10.0.0.0/8|6/80").text() == "10.0.0.0/8|tcp/80");
  CHECK(spd::text(list({"10.0.0.0/8", "192.0.2.1-192.0.2.9|tcp/80"})) ==
        "10.0.0.0/8, 192.0.2.1-192.0.2.9|tcp/80");
}

TEST_CASE("ICMP selectors hold type and code in the port fields") {
  CHECK(ts("0.0.0.0/0|icmp/8").first_port == 0x0800);
  CHECK(ts("0.0.0.0/0|icmp/8").last_port == 0x08ff);
  CHECK(ts("0.0.0.0/0|icmp/3.4").first_port == 0x0304);
  CHECK(ts("0.0.0.0/0|icmp/3.4").last_port == 0x0304);
}

TEST_CASE("nonsense in a selector is refused with a reason that shows it") {
  CHECK(reason("10.0.0.1/8").find("10.0.0.1/8") != std::string::npos);
  CHECK(reason("10.0.0.9-10.0.0.1").find("upside down") != std::string::npos);
  CHECK(reason("10.0.0.0/8|tcp/70000").find("70000") != std::string::npos);
  CHECK(reason("10.0.0.0/8|tcp/9-1").find("upside down") != std::string::npos);
  CHECK(reason("10.0.0.0/8|quic").find("quic") != std::string::npos);
  CHECK(reason("10.0.0.0/8|256").find("256") != std::string::npos);
  CHECK(reason("10.0.0.0/8|esp/5").find("no ports") != std::string::npos);
  CHECK(reason("10.0.0.0/8|0/5").find("no ports") != std::string::npos);
  for (const std::string_view text :
       {"", "|tcp", "10.0.0.0/33", "10.0.0.1-::1", "10.0.0.0/8|", "10.0.0.0/8|tcp/", "10.0.0.0/8|tcp/1-",
        "10.0.0.0/8|icmp/256", "10.0.0.0/8|icmp/1.256"}) {
    INFO(text);
    CHECK(reason(text) != "accepted");
  }
}

TEST_CASE("a packet matches by address, protocol and port") {
  const auto web = ts("10.0.0.0/8|tcp/80-443");
  const auto inside = *base::IpAddress::parse("10.1.2.3");
  CHECK(web.matches(inside, 6, 80, true));
  CHECK(web.matches(inside, 6, 443, true));
  CHECK_FALSE(web.matches(inside, 6, 79, true));
  CHECK_FALSE(web.matches(inside, 6, 444, true));
  CHECK_FALSE(web.matches(inside, 17, 80, true));
  CHECK_FALSE(web.matches(*base::IpAddress::parse("11.0.0.0"), 6, 80, true));
  CHECK_FALSE(ts("0.0.0.0/0").matches(*base::IpAddress::parse("::1"), 6, 80, true));
}

TEST_CASE("a later fragment matches selectors of all ports or of opaque ports only") {
  const auto inside = *base::IpAddress::parse("10.1.2.3");
  CHECK(ts("10.0.0.0/8|udp").matches(inside, 17, 0, false));
  CHECK(ts("10.0.0.0/8|udp/opaque").matches(inside, 17, 0, false));
  CHECK_FALSE(ts("10.0.0.0/8|udp/0-100").matches(inside, 17, 0, false));
  CHECK_FALSE(ts("10.0.0.0/8|udp/opaque").matches(inside, 17, 53, true));
}

TEST_CASE("the common part of two selectors is the common part of every field") {
  CHECK(intersect(ts("10.0.0.0/8"), ts("10.1.0.0/16|tcp/80")) == ts("10.1.0.0/16|tcp/80"));
  CHECK(intersect(ts("10.0.0.5-10.0.0.20"), ts("10.0.0.10-10.0.0.30")) == ts("10.0.0.10-10.0.0.20"));
  CHECK(intersect(ts("10.0.0.0/8|udp/10-20"), ts("10.0.0.0/8|udp/15-30")) == ts("10.0.0.0/8|udp/15-20"));
  CHECK_FALSE(intersect(ts("10.0.0.0/8"), ts("11.0.0.0/8")));
  CHECK_FALSE(intersect(ts("10.0.0.0/8|tcp"), ts("10.0.0.0/8|udp")));
  CHECK_FALSE(intersect(ts("10.0.0.0/8|tcp/80"), ts("10.0.0.0/8|tcp/81")));
  CHECK_FALSE(intersect(ts("0.0.0.0/0"), ts("::/0")));
  CHECK(intersect(ts("::/0|tcp"), ts("2001:db8::/32")) == ts("2001:db8::/32|tcp"));
}

TEST_CASE("all ports include opaque ports and a range of ports does not") {
  CHECK(intersect(ts("10.0.0.0/8|tcp"), ts("10.0.0.0/8|tcp/opaque")) == ts("10.0.0.0/8|tcp/opaque"));
  CHECK(intersect(ts("10.0.0.0/8|tcp/opaque"), ts("10.0.0.0/8|tcp/opaque")) == ts("10.0.0.0/8|tcp/opaque"));
  CHECK_FALSE(intersect(ts("10.0.0.0/8|tcp/80"), ts("10.0.0.0/8|tcp/opaque")));
  CHECK(ts("10.0.0.0/8|tcp").contains(ts("10.0.0.0/8|tcp/opaque")));
  CHECK_FALSE(ts("10.0.0.0/8|tcp/1-65535").contains(ts("10.0.0.0/8|tcp/opaque")));
  CHECK_FALSE(ts("10.0.0.0/8|tcp/opaque").contains(ts("10.0.0.0/8|tcp")));
}

TEST_CASE("a range that ends before it starts is in nothing and has nothing in common") {
  auto broken = ts("10.0.0.0/8");
  std::swap(broken.range.first, broken.range.last);
  CHECK_FALSE(intersect(broken, ts("10.0.0.0/8")));
  CHECK_FALSE(ts("10.0.0.0/8").contains(broken));
  auto ports = ts("10.0.0.0/8|tcp/80");
  ports.first_port = 90;
  CHECK_FALSE(intersect(ports, ts("10.0.0.0/8")));
  CHECK_FALSE(ts("10.0.0.0/8").contains(ports));
}

TEST_CASE("narrowing gives the first example of RFC 7296 2.9") {
  // TSi = the packet's source, then the whole net; the responder allows half of the net.
  const auto proposed = list({"198.51.100.43|udp/50", "198.51.100.0/24"});
  CHECK(narrow(proposed, list({"198.51.100.0/25"})) == list({"198.51.100.0/25"}));
}

TEST_CASE("narrowing leaves nothing where nothing is allowed") {
  CHECK(narrow(list({"10.0.0.0/8"}), list({"192.168.0.0/16"})).empty());
  CHECK(narrow({}, list({"0.0.0.0/0"})).empty());
  CHECK(narrow(list({"10.0.0.0/8"}), {}).empty());
}

TEST_CASE("narrowing keeps the part of the first proposal in front, whatever the order of the policy") {
  const auto proposed = list({"10.2.0.0/16", "10.1.0.0/16"});
  CHECK(narrow(proposed, list({"10.1.0.0/16", "10.2.0.0/16"})) == list({"10.2.0.0/16", "10.1.0.0/16"}));
  // The wider second proposal takes over the first one's place, because it includes it.
  CHECK(narrow(list({"10.2.3.4|tcp/80", "192.0.2.1", "10.0.0.0/8"}), list({"0.0.0.0/0"})) ==
        list({"10.0.0.0/8", "192.0.2.1"}));
}

TEST_CASE("narrowing repeats nothing") {
  CHECK(narrow(list({"10.0.0.0/8", "10.0.0.0/8", "10.1.0.0/16"}), list({"0.0.0.0/0", "10.0.0.0/8"})) ==
        list({"10.0.0.0/8"}));
}

TEST_CASE("narrowing answers no more selectors than a payload counts") {
  spd::TrafficSelectors many;
  for (std::uint32_t i = 0; i < 300; ++i) {
    many.push_back(spd::TrafficSelector::of(base::IpAddress::v4(0x0a000000 + 2 * i)));
  }
  const auto result = narrow(many, list({"10.0.0.0/8"}));
  CHECK(result.size() == 255);
  CHECK(result.front() == many.front());
  CHECK(covered(result, many));
}

TEST_CASE("an answer is covered when each of its selectors lies within one that was proposed") {
  CHECK(covered(list({"10.1.0.0/16|tcp/80"}), list({"192.0.2.0/24", "10.0.0.0/8"})));
  CHECK_FALSE(covered(list({"10.0.0.0/8"}), list({"10.0.0.0/9", "10.1.0.0/16"})));
  CHECK_FALSE(covered(list({"10.1.0.0/16", "11.0.0.0/8"}), list({"10.0.0.0/8"})));
}

TEST_CASE("a pair of selectors matches both sides of a packet") {
  const spd::SelectorPair pair{list({"10.1.0.0/16|tcp"}), list({"10.2.0.0/16|tcp/80"})};
  spd::PacketKey key{
      *base::IpAddress::parse("10.1.0.9"), *base::IpAddress::parse("10.2.0.9"), 40000, 80, 6, true};
  CHECK(pair.matches(key));
  std::swap(key.local_port, key.remote_port);
  CHECK_FALSE(pair.matches(key));
  std::swap(key.local_port, key.remote_port);
  std::swap(key.local, key.remote);
  CHECK_FALSE(pair.matches(key));
}
