#include "apps/daemon/listing/lister.h"

#include <array>
#include <charconv>

#include "apps/daemon/request_args.h"

namespace daemon_app {
namespace {

using nlohmann::json;
using Maker = Table (*)(const ListingParts&, const ListingOptions&);

Maker find_maker(const json& name) {
  static const std::array<std::pair<const char*, Maker>, 7> kTables = {{{"profiles", list_profiles},
                                                                        {"ike_sas", list_ike_sas},
                                                                        {"ipsec_sas", list_ipsec_sas},
                                                                        {"manual_sas", list_manual_sas},
                                                                        {"groups", list_groups},
                                                                        {"policies", list_policies},
                                                                        {"eroutes", list_eroutes}}};
  for (const auto& [known, maker] : kTables) {
    if (name == known) return maker;
  }
  return nullptr;
}

// One listing under way. Kept alive by what it waits for: where the client has gone, nothing does.
class Listing : public std::enable_shared_from_this<Listing> {
 public:
  Listing(const ListingParts& parts, ListingOptions options, std::vector<Maker> makers,
          std::function<json()> rest, std::shared_ptr<control::Responder> responder)
      : parts_(parts),
        options_(std::move(options)),
        makers_(std::move(makers)),
        rest_(std::move(rest)),
        responder_(std::move(responder)) {}

  void next() {
    while (at_ == table_.keys.size()) {
      if (makers_.empty()) return responder_->finish(control::succeeded(rest_()));
      table_ = makers_.front()(parts_, options_);
      makers_.erase(makers_.begin());
      at_ = 0;
    }
    const std::size_t from = at_;
    Names names;
    for (std::uint32_t cost = 0; at_ < table_.keys.size() && cost < kRowsOfPart; ++at_) {
      cost += table_.keys[at_].cost;
      if (table_.names) table_.names(table_.keys[at_], names);
    }
    if (names.empty()) return send(from, {});
    parts_.observe(std::move(names), [self = shared_from_this(), from](const DataplaneStatus& seen) {
      self->send(from, seen);
    });
  }

 private:
  void send(std::size_t from, const DataplaneStatus& seen) {
    json rows = json::array();
    for (std::size_t i = from; i < at_; ++i) {
      json row = table_.row(table_.keys[i], seen);
      if (!row.is_null()) rows.push_back(std::move(row));
    }
    responder_->send(control::write_part({{table_.name, std::move(rows)}}));
    responder_->when_sent([self = shared_from_this()] { self->next(); });
  }

  const ListingParts parts_;
  const ListingOptions options_;
  std::vector<Maker> makers_;  // of the tables that are still to come
  const std::function<json()> rest_;
  const std::shared_ptr<control::Responder> responder_;
  Table table_;         // that is being sent
  std::size_t at_ = 0;  // its next row
};

std::optional<std::uint64_t> number(const json& args, const char* key) {
  const auto found = args.find(key);
  if (found == args.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

// More children than that, in all.
bool many_children(const ikev2::Engine& engine, std::uint64_t few) {
  std::uint64_t count = 0;
  for (const auto& sa : engine.outline()) count += sa.children.size();
  return count > few;
}

base::Result<ListingOptions> read_options(const control::Request& request, const ikev2::Engine& engine) {
  const Args args(request.args);
  ListingOptions options;
  options.secrets = request.secrets;
  options.brief = args.flag("brief");
  if (const auto few = number(request.args, "brief")) options.brief = many_children(engine, *few);
  options.manual = !request.args.contains("manual") || args.flag("manual");
  options.profile = args.text("profile");
  options.index = number(request.args, "index");
  options.spd = number(request.args, "spd");
  if (const std::string spi = args.text("rspi"); !spi.empty()) {
    const auto [end, error] =
        std::from_chars(spi.data(), spi.data() + spi.size(), options.responder_spi.emplace(), 16);
    if (error != std::errc() || end != spi.data() + spi.size())
      return base::local_error("an SPI of up to 16 hexadecimal digits is needed");
  }
  return options;
}

}  // namespace

void list_tables(const ListingParts& parts, const control::Request& request, std::function<json()> rest,
                 const std::shared_ptr<control::Responder>& responder) {
  std::vector<Maker> makers;
  const auto tables = request.args.find("tables");
  if (tables != request.args.end() && tables->is_array()) {
    for (const json& name : *tables) {
      const Maker maker = find_maker(name);
      if (maker == nullptr)
        return responder->finish(
            control::failed("usage", "there is no table " + control::dump(name).substr(0, 64)));
      makers.push_back(maker);
    }
  }
  auto options = read_options(request, parts.engine);
  if (options.has_error()) return responder->finish(control::failed("usage", options.error().reason));
  std::make_shared<Listing>(parts, std::move(*options), std::move(makers), std::move(rest), responder)
      ->next();
}

}  // namespace daemon_app
