#include "apps/daemon/listing/lister.h"

#include <array>
#include <charconv>

#include "apps/daemon/listing/document.h"
#include "apps/daemon/request_args.h"

namespace daemon_app {
namespace {

using nlohmann::json;
using Maker = Table (*)(const ListingParts&, const ListingOptions&);

Maker find_maker(const json& name) {
  static const std::array<std::pair<const char*, Maker>, 10> kTables = {
      {{"profiles", list_profiles},
       {"profile_configs", list_profile_configs},
       {"yaml", list_yaml},
       {"ike_sas", list_ike_sas},
       {"ipsec_sas", list_ipsec_sas},
       {"manual_sas", list_manual_sas},
       {"groups", list_groups},
       {"policies", list_policies},
       {"manual_policies", list_manual_policies},
       {"eroutes", list_eroutes}}};
  for (const auto& [known, maker] : kTables) {
    if (name == known) return maker;
  }
  return nullptr;
}

// Where the rows go, and what becomes of them in the end.
class Output {
 public:
  virtual ~Output() = default;
  virtual void begin(const std::string& table) = 0;  // before its rows, also where there are none
  virtual void rows(const std::string& table, json rows) = 0;
  virtual control::Answer finish(json rest) = 0;
};

class PartsOutput : public Output {
 public:
  explicit PartsOutput(control::Responder& responder) : responder_(responder) {}
  void begin(const std::string&) override {}
  void rows(const std::string& table, json rows) override {
    responder_.send(control::write_part({{table, std::move(rows)}}));
  }
  control::Answer finish(json rest) override { return control::succeeded(std::move(rest)); }

 private:
  control::Responder& responder_;
};

class DocumentOutput : public Output {
 public:
  explicit DocumentOutput(const WholeAnswer& form) : form_(form) {}
  void begin(const std::string& table) override {
    for (const auto& [name, key] : form_.tables)
      if (name == table) document_.array(key);
  }
  void rows(const std::string&, json rows) override {
    for (json& row : rows) document_.row(std::move(row));
  }
  control::Answer finish(json rest) override {
    json members = json::object();
    for (const char* key : form_.members)
      if (rest.contains(key)) members[key] = std::move(rest[key]);
    return control::succeeded_with(document_.finish(members));
  }

 private:
  const WholeAnswer& form_;
  Document document_;
};

// One listing under way. Kept alive by what it waits for: where the client has gone, nothing does.
class Listing : public std::enable_shared_from_this<Listing> {
 public:
  Listing(const ListingParts& parts, ListingOptions options, std::vector<Maker> makers,
          std::function<json()> rest, std::shared_ptr<control::Responder> responder,
          std::unique_ptr<Output> output)
      : parts_(parts),
        options_(std::move(options)),
        makers_(std::move(makers)),
        rest_(std::move(rest)),
        responder_(std::move(responder)),
        output_(std::move(output)) {}

  void next() {
    while (at_ == table_.keys.size()) {
      if (makers_.empty()) return responder_->finish(output_->finish(rest_()));
      table_ = makers_.front()(parts_, options_);
      makers_.erase(makers_.begin());
      output_->begin(table_.name);
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
    output_->rows(table_.name, std::move(rows));
    responder_->when_sent([self = shared_from_this()] { self->next(); });
  }

  const ListingParts parts_;
  const ListingOptions options_;
  std::vector<Maker> makers_;  // of the tables that are still to come
  const std::function<json()> rest_;
  const std::shared_ptr<control::Responder> responder_;
  const std::unique_ptr<Output> output_;
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
  options.numbered = args.flag("numbered");
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
  std::make_shared<Listing>(parts, std::move(*options), std::move(makers), std::move(rest), responder,
                            std::make_unique<PartsOutput>(*responder))
      ->next();
}

const WholeAnswer* find_whole_answer(const std::string& command) {
  static const std::array<WholeAnswer, 3> kAnswers = {
      {{"status",
        {{"profiles", "profiles"}, {"ike_sas", "ike_sas"}},
        {"version", "uptime_s", "data_path", "counters"}},
       {"manual-list",
        {{"manual_sas", "sas"}, {"groups", "groups"}, {"manual_policies", "policies"}},
        {"spds", "bindings", "devices"}},
       {"ikev2_profile_dump", {{"profile_configs", "profiles"}}, {}}}};
  for (const WholeAnswer& answer : kAnswers)
    if (command == answer.command) return &answer;
  return nullptr;
}

void answer_whole(const ListingParts& parts, const WholeAnswer& form, bool secrets,
                  std::function<json()> rest, const std::shared_ptr<control::Responder>& responder) {
  std::vector<Maker> makers;
  for (const auto& [table, key] : form.tables) makers.push_back(find_maker(table));
  ListingOptions options;
  options.secrets = secrets;
  std::make_shared<Listing>(parts, std::move(options), std::move(makers), std::move(rest), responder,
                            std::make_unique<DocumentOutput>(form))
      ->next();
}

}  // namespace daemon_app
