// VPP's commands on one SA: del-sa, del-child-sa, rekey-child-sa, by the SPIs that its listings print.
#include <charconv>

#include "apps/daemon/control_handler.h"

namespace daemon_app {
namespace {

using nlohmann::json;

void fail(control::Responder& responder, std::string code, std::string reason) {
  responder.finish(control::failed(std::move(code), std::move(reason)));
}

std::optional<std::uint64_t> spi_argument(const json& args) {
  const auto found = args.find("ispi");
  if (found == args.end() || !found->is_string()) return {};
  const auto& text = found->get_ref<const std::string&>();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

// By "spi(i)" of `show ikev2 sa details`, else by "spi(r)".
std::optional<base::ChildId> ControlHandler::find_child(std::uint64_t spi) const {
  if (spi > 0xffffffff) return std::nullopt;
  return parts_.engine.find_child(base::Spi(static_cast<std::uint32_t>(spi)));
}

bool ControlHandler::handle_by_spi(const control::Request& request, const ResponderPtr& responder) {
  const bool ike = request.command == "ikev2_initiate_del_ike_sa";
  const bool del = request.command == "ikev2_initiate_del_child_sa";
  if (!ike && !del && request.command != "ikev2_initiate_rekey_child_sa") return false;
  const auto spi = spi_argument(request.args);
  if (!spi) {
    fail(*responder, "usage", "an SPI of up to 16 hexadecimal digits is needed");
    return true;
  }
  const auto child = ike ? std::nullopt : find_child(*spi);
  if (!ike && !child) {
    fail(*responder, "not-found", "no child has this SPI; show ikev2 sa details lists them as spi(i)");
    return true;
  }
  const Target target;
  const auto id = wait_for_outcome(target, responder,
                                   [responder] { responder->finish(control::succeeded(json::object())); });
  if (ike) {
    parts_.loop.command(ikev2::TerminateIkeSa{id, base::IkeSpi(*spi)});
  } else if (del) {
    parts_.loop.command(ikev2::TerminateChild{id, *child});
  } else {
    parts_.loop.command(ikev2::RekeyOneChild{id, *child});
  }
  return true;
}

}  // namespace daemon_app
