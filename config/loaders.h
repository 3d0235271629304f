// The parts of load(): each reads one topic of the file into the model.
#pragma once

#include "config/credentials.h"
#include "config/map_reader.h"
#include "config/model.h"

namespace config {

// The section `daemon`, over the defaults in `out`.
void load_daemon(MapReader daemon, Daemon& out);

// One entry of `profiles`.
ikev2::PeerConfig load_profile(const YamlEntry& entry, Credentials& credentials, Diagnostics& diagnostics);

// One entry of `children`. `replay_window` is that of the profile, for a child that says nothing else.
ikev2::ChildConfig load_child(const YamlEntry& entry, std::uint32_t replay_window, Diagnostics& diagnostics);

// The section `manual`.
void load_manual(MapReader manual, Credentials& credentials, Manual& out);

// The key `replay_window`, of a child or of its profile: packets.
void read_replay_window(MapReader& map, std::uint32_t& out);

// The key `proposals`; warns of weak algorithms. `parse` is one of proposal_text.h.
using ProposalParser = base::Result<ikev2::Proposal> (*)(std::string_view, std::vector<std::string>&);
void read_proposals(MapReader& map, ikev2::Proposals& out, ProposalParser parse);

// Reports a name that breaks the rules for profiles and children.
void check_name(const YamlEntry& entry, std::string_view what, Diagnostics& diagnostics);

// Cross-field checks over a model that was read from `root`; needs `root` for the places alone.
void validate(const Config& config, const YamlNode& root, Diagnostics& diagnostics);

}  // namespace config
