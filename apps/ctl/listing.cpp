#include "apps/ctl/listing.h"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include "apps/ctl/ask.h"
#include "control/client.h"

namespace ctl {

using nlohmann::json;

namespace {

constexpr int kToList = 120;  // seconds for all of a listing

// Parts between the thread that reads them and the one that prints.
class Parts {
 public:
  void push(json&& part) {
    const std::lock_guard lock(mutex_);
    parts_.push_back(std::move(part));
    changed_.notify_one();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }
  // Waits; nothing once all are taken and no more will come.
  std::optional<json> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !parts_.empty(); });
    if (parts_.empty()) return std::nullopt;
    std::optional<json> part(std::in_place, std::move(parts_.front()));
    parts_.pop_front();
    return part;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<json> parts_;
  bool closed_ = false;
};

// Makes one row of the rows of an IKE SA.
class Rows {
 public:
  explicit Rows(const OnRow& on_row) : on_row_(on_row) {}

  void take(const std::string& table, json row) {
    if (table == "ike_sas" && row.value("continues", false) && held_) return join(std::move(row));
    flush();
    if (table != "ike_sas") return on_row_(table, row);
    row.erase("continues");  // of one whose first rows have gone meanwhile
    held_.emplace(std::move(row));
  }
  void flush() {
    if (held_) on_row_("ike_sas", *held_);
    held_.reset();
  }

 private:
  void join(json row) {
    for (json& child : row["children"]) (*held_)["children"].push_back(std::move(child));
    if (!row.contains("sums") || !held_->contains("sums")) return;
    json &sums = (*held_)["sums"], &more = row["sums"];
    for (const char* key : {"children", "bytes_in", "bytes_out"})
      sums[key] = sums.value(key, std::uint64_t{0}) + more.value(key, std::uint64_t{0});
    const auto next = more.value("rekey_in_s", std::int64_t{0}),
               was = sums.value("rekey_in_s", std::int64_t{0});
    if (next > 0 && (was == 0 || next < was)) sums["rekey_in_s"] = next;
  }

  const OnRow& on_row_;
  std::optional<json> held_;
};

void add_sa(const json& row, Models& models) {
  if (row.contains("manual")) {
    models.manual.sas.push_back(control::manual_sa_from_json(row["manual"]));
  } else if (row.contains("ike_sa")) {
    models.status.ike_sas.push_back(control::ike_sa_from_json(row["ike_sa"]));
  }
}

}  // namespace

std::optional<json> list(const Invocation& invocation, Terminal& terminal, json args, const OnRow& on_row,
                         int& status) {
  const control::Request request{"list", std::move(args), invocation.secrets};
  Parts parts;
  auto reading = std::async(std::launch::async, [&] {
    const auto on_part = [&](json&& part) { parts.push(std::move(part)); };
    auto answer = control::call(invocation.socket, request, kToList, {{}, {}, on_part});
    parts.close();
    return answer;
  });
  Rows rows(on_row);
  bool begun = false;
  while (auto part = parts.pop()) {
    begun = true;
    for (auto& [table, arrived] : part->items())
      for (json& row : arrived) rows.take(table, std::move(row));
    terminal.out.flush();
  }
  rows.flush();
  const auto answer = reading.get();
  const bool done = answer.has_value() && answer->ok;
  if (!done && begun && invocation.json) terminal.out << "\n";  // the reason stands on a line of its own
  return settle(invocation, terminal, answer, status);
}

std::optional<Models> list_models(const Invocation& invocation, Terminal& terminal, const json& args,
                                  int& status) {
  Models models;
  const auto on_row = [&](const std::string& table, const json& row) {
    if (table == "profiles") models.status.profiles.push_back(control::profile_from_json(row));
    if (table == "ike_sas") models.status.ike_sas.push_back(control::ike_sa_from_json(row));
    if (table == "ipsec_sas") add_sa(row, models);
    if (table == "policies" && row.contains("policy"))
      models.manual.policies.push_back(control::manual_policy_from_json(row["policy"]));
  };
  const auto rest = list(invocation, terminal, args, on_row, status);
  if (!rest) return std::nullopt;
  control::StatusView view = control::status_from_json(*rest);
  view.profiles = std::move(models.status.profiles);
  view.ike_sas = std::move(models.status.ike_sas);
  models.status = std::move(view);
  control::ManualView manual = control::manual_from_json(*rest);
  manual.sas = std::move(models.manual.sas);
  manual.policies = std::move(models.manual.policies);
  models.manual = std::move(manual);
  return models;
}

void JsonPrinter::close() {
  if (!open_.empty()) out_ << "]";
  open_.clear();
}

void JsonPrinter::array(const std::string& key) {
  if (!begun_.insert(key).second) return;
  close();
  out_ << (any_ ? "," : "{") << control::dump(key) << ":[";
  any_ = true;
  any_elements_ = false;
  open_ = key;
}

void JsonPrinter::element(const std::string& key, const json& value) {
  array(key);
  out_ << (any_elements_ ? "," : "") << control::dump(value);
  any_elements_ = true;
}

void JsonPrinter::member(const std::string& key, const json& value) {
  close();
  out_ << (any_ ? "," : "{") << control::dump(key) << ":" << control::dump(value);
  any_ = true;
}

void JsonPrinter::end() {
  close();
  out_ << (any_ ? "}" : "{}") << "\n";
}

}  // namespace ctl
