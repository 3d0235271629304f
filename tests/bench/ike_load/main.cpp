// ike_load PROFILE.yaml — makes many IKE SAs with a responder and says how long that took.
//
// The file holds one profile as for ikev2d(8), which is the pattern for all: addresses, proposals and the
// proof of who one is. Each handshake has an identity of its own, h0.load, h1.load and so on, and for its
// child an address of its own from local_ts. There is no data path and nothing is installed. Exit status 0:
// all were established; 1: some were not.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "crypto/botan/provider.h"
#include "crypto/botan/rng.h"
#include "tests/bench/ike_load/load.h"

namespace {

using ike_load::Load;
using ike_load::Plan;

struct Arguments {
  Plan plan;
  std::string file;
  bool json = false;
};

void declare(CLI::App& app, Arguments& out) {
  app.add_option("profile", out.file, "profiles.yaml with one profile, whose addresses are private ones")
      ->required();
  app.add_option("-n,--count", out.plan.count, "handshakes in all")->check(CLI::PositiveNumber);
  app.add_option("--in-flight", out.plan.in_flight, "at the same time")->check(CLI::PositiveNumber);
  app.add_option("--id", out.plan.identity, "of the initiator; '*' becomes the number of the handshake");
  auto* each = app.add_flag("--delete", out.plan.delete_each, "delete each SA before the next one begins");
  app.add_option("--hold", out.plan.hold, "keep all SAs until this file appears, then delete them")
      ->excludes(each);
  app.add_flag("--light", out.plan.light,
               "one key pair for all handshakes, and the responder's proof is not checked");
  app.add_flag("--json", out.json, "one line of JSON");
}

void print(const Arguments& arguments, const ike_load::Outcome& outcome) {
  std::puts((arguments.json ? outcome.json() : outcome.text()).c_str());
  std::fflush(stdout);
}

base::Result<bool> run(Arguments& arguments) {
  Plan& plan = arguments.plan;
  config::LoadResult loaded = config::load(arguments.file);
  ASSIGN_OR_RETURN(plan.profile, ike_load::pattern_of(loaded));
  const auto provider = crypto::make_botan_provider();
  const auto rng = crypto::make_system_rng();
  ikev2::Authenticator authenticator(*provider, *rng);
  for (auto& credential : loaded.config.credentials)
    authenticator.put(credential.id, std::move(credential.material));
  ike_load::CountingSpis spis(*rng);
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  ike_load::Workshop workshop{*provider,
                              *rng,
                              authenticator,
                              spis,
                              *plan.profile.local_address,
                              std::chrono::duration_cast<std::chrono::seconds>(wall).count(),
                              plan.light};
  ASSIGN_OR_RETURN(auto load, Load::open(plan, workshop));
  RETURN_IF_ERROR(load->run());
  print(arguments, load->outcome());
  if (!plan.hold.empty()) {
    RETURN_IF_ERROR(load->serve([&] { return std::filesystem::exists(plan.hold); }));
    RETURN_IF_ERROR(load->delete_all());
    if (load->outcome().gone > 0)
      return base::local_error(std::to_string(load->outcome().gone) +
                               " SAs were taken down by the responder");
  }
  return load->outcome().failed() == 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Makes many IKE SAs with a responder and says how long that took.");
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  const auto outcome = run(arguments);
  if (outcome.has_error()) {
    std::fprintf(stderr, "ike_load: %s\n", outcome.error().reason.c_str());
    return 2;
  }
  return *outcome ? 0 : 1;
}
