#include "ikev2/exchange/report.h"

#include "ikev2/sa/status_view.h"

namespace ikev2 {

namespace {

Report make_report(const Context& context, Report::Kind kind, base::LogLevel level, const std::string& event,
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
  if (context.core.watched && kind != Report::Kind::log)
    r.ike_sa = std::make_shared<const IkeSaStatus>(ike_sa_status(sa, false));
  return r;
}

}  // namespace

void report(Context& context, Report::Kind kind, base::LogLevel level, const std::string& event,
            const std::string& message) {
  context.out.push_back(make_report(context, kind, level, event, message));
}

void report(Context& context, const ChildSa& child, Report::Kind kind, base::LogLevel level,
            const std::string& event, const std::string& message) {
  Report r = make_report(context, kind, level, event, message);
  r.child = child.config.name;
  if (context.core.watched)
    r.child_sa = std::make_shared<const ChildStatus>(child_sa_status(context.sa, child, false));
  context.out.push_back(std::move(r));
}

void report_failure(Context& context, const std::string& child, const std::string& event,
                    const std::string& message) {
  Report r = make_report(context, Report::Kind::failure, base::LogLevel::warning, event, message);
  r.child = child;
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
