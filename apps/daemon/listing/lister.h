// The command "list": tables of any length, some rows at a time, so that neither the daemon nor who reads
// waits for all of them.
//
//   {"tables": ["profiles", "profile_configs", "yaml", "ike_sas", "ipsec_sas", "manual_sas", "groups",
//       "policies", "manual_policies", "eroutes"]}  those that are wanted, in that order
//       (apps/daemon/listing/table.h)
//   "profile": NAME, "rspi": HEX, "index": N, "spd": N   the rows about that one alone
//   "manual": false      of ipsec_sas those of children alone
//   "numbered": true     of manual_sas those with an id alone
//   "brief": true, or the number of children beyond which it is so: IKE SAs without their children
//
// Rows come as parts, {"part": {TABLE: [ROW, …]}}; then the answer, with what is not about single SAs:
// "version", "uptime_s", "data_path", "counters" (as in status), "spds", "bindings", "devices" (as in
// manual-list), and "by_command", how many "sas", "groups" and "policies" are in no file. A row shows the
// moment at which it was sent.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/daemon/listing/table.h"
#include "control/server.h"

namespace daemon_app {

// Rows of one part: a millisecond of the IKE thread, or two.
constexpr std::uint32_t kRowsOfPart = 32;

// `rest` makes the answer. Of the IKE thread alone.
void list_tables(const ListingParts& parts, const control::Request& request,
                 std::function<nlohmann::json()> rest, const std::shared_ptr<control::Responder>& responder);

// What a command answers that gives whole tables in one JSON object.
struct WholeAnswer {
  std::string command;
  std::vector<std::pair<std::string, std::string>> tables;  // in that order, and their keys in the answer
  std::vector<const char*> members;                         // of what `rest` makes
};
// Of "status", "manual-list" and "ikev2_profile_dump"; nullptr: it is none of these.
const WholeAnswer* find_whole_answer(const std::string& command);
// Makes it some rows at a time too, other work in between; each row shows the moment at which it was made.
void answer_whole(const ListingParts& parts, const WholeAnswer& form, bool secrets,
                  std::function<nlohmann::json()> rest, const std::shared_ptr<control::Responder>& responder);

}  // namespace daemon_app
