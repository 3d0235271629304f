// The examples of docs/ are good files, and mirror images of each other.
#include "support.h"
#include "temporary_directory.h"

using namespace config_test;

namespace {

std::string example(const std::string& name) {
  std::ifstream file(std::string(IKEV2D_SOURCE_DIR "/docs/examples/") + name);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

ikev2::PeerConfig load_example(const TemporaryDirectory& dir, const std::string& name) {
  const auto result = config::load(dir.write(name, example(name), 0644));
  CHECK(lines_of(result) == Lines{});
  REQUIRE(result.config.peers.size() == 1);
  return *result.config.peers[0];
}

}  // namespace

TEST_CASE("the first example and its mirror image fit") {
  const TemporaryDirectory dir;
  dir.write("psk", "secret\n", 0600);
  const auto a = load_example(dir, "first-psk.yaml"), b = load_example(dir, "first-psk-mirror.yaml");
  REQUIRE(a.local_id.has_value());
  REQUIRE(b.local_id.has_value());
  CHECK(a.remote_id->matches(*b.local_id));
  CHECK(b.remote_id->matches(*a.local_id));
  CHECK(a.remote_address == ikev2::RemoteAddress(*b.local_address));
  CHECK(b.remote_address == ikev2::RemoteAddress(*a.local_address));
  CHECK(a.children.at(0).local_ts == b.children.at(0).remote_ts);
  CHECK(a.children.at(0).remote_ts == b.children.at(0).local_ts);
  CHECK(a.children.at(0).start == ikev2::Start::up);
}

TEST_CASE("the road warrior and its gateway fit") {
  const TemporaryDirectory dir;
  dir.write("alice.psk", "secret\n", 0600);
  const auto a = load_example(dir, "road-warrior.yaml"), b = load_example(dir, "road-warrior-gateway.yaml");
  CHECK(a.remote_id->matches(*b.local_id));
  CHECK(b.remote_id->matches(*a.local_id));
  CHECK(a.can_initiate());
  CHECK_FALSE(b.can_initiate());
  CHECK(a.children.at(0).remote_ts == b.children.at(0).local_ts);
}
