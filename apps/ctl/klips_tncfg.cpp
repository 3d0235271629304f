// KLIPS' tncfg: the daemon's device, and the interface that it is said to send by.
#include "apps/ctl/ask.h"
#include "apps/ctl/klips.h"
#include "apps/ctl/klips_listing.h"
#include "apps/ctl/klips_words.h"

namespace ctl {

using nlohmann::json;

int run_tncfg(const Invocation& invocation, Terminal& terminal) {
  if (asks_for_listing(invocation.words)) return run_listing(invocation, terminal, KlipsListing::tncfg);
  const auto words = KlipsWords::read(invocation.words, {"create", "delete", "virtual", "physical", "label"},
                                      {"attach", "detach", "clear", "debug"});
  if (words.has_error()) return klips_usage(invocation, terminal, words.error());
  if (!words->rest().empty())
    return usage(invocation, terminal, "'" + words->rest().front() + "' is too much");
  const auto verbs = words->which({"create", "delete", "attach", "detach", "clear"});
  if (verbs.size() != 1)
    return usage(invocation, terminal, "one of --attach, --detach, --clear, --create, --delete is needed");
  const std::string& verb = verbs.front();
  if (verb == "create" || verb == "delete") {
    return refuse(invocation, terminal, kRefused, "unsupported",
                  "the daemon makes its one device itself: daemon.tun in its file says which");
  }
  if (verb == "clear")
    return run_manual(invocation, terminal, *words, "manual-device-detach", json::object());
  const auto device = words->value("virtual"), physical = words->value("physical");
  if (!device || (verb == "attach") != physical.has_value())
    return usage(invocation, terminal, "--attach needs --virtual and --physical, --detach --virtual alone");
  json args = {{"virtual", *device}};
  if (physical) args["physical"] = *physical;
  return run_manual(invocation, terminal, *words, "manual-device-" + verb, std::move(args));
}

}  // namespace ctl
