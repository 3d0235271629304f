#include "ikev2/exchange/report.h"

namespace ikev2 {

void report(Context& context, Report::Kind kind, base::LogLevel level, const std::string& event,
            const std::string& message) {
  const IkeSa& sa = context.sa;
  Report r;
  r.kind = kind;
  r.profile = sa.peer ? sa.peer->name : "";
  r.log = {level,
           event,
           message,
           {{"profile", r.profile},
            {"local", sa.local.text()},
            {"remote", sa.remote.text()},
            {"spi_i", base::to_hex(sa.spi_i.value, 16)},
            {"spi_r", base::to_hex(sa.spi_r.value, 16)}}};
  context.out.push_back(std::move(r));
}

void report(Actions& out, base::LogLevel level, const std::string& event, const std::string& message,
            const base::Endpoint& remote) {
  Report r;
  r.log = {level, event, message, {{"remote", remote.text()}}};
  out.push_back(std::move(r));
}

void drop(Core& core, IkeCounter counter, const Datagram& datagram, const std::string& reason, Actions& out) {
  core.counters.add(counter);
  report(out, base::LogLevel::debug, "ike-dropped", reason, datagram.remote);
}

void step(Context& context, const std::string& text) {
  for (const RequestId request : context.sa.waiting) context.out.push_back(RequestStep{request, text});
}

}  // namespace ikev2
