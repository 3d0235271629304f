// Log lines, progress of commands: how the engine tells people what happens.
#pragma once

#include <string>

#include "ikev2/core.h"

namespace ikev2 {

// One event about this SA, with its profile, addresses and SPIs as fields.
void report(Context& context, Report::Kind kind, base::LogLevel level, const std::string& event,
            const std::string& message);
// The same about one of its children.
void report(Context& context, const ChildSa& child, Report::Kind kind, base::LogLevel level,
            const std::string& event, const std::string& message);
// The same about a child that has come to nothing, by its name.
void report_failure(Context& context, const std::string& child, const std::string& event,
                    const std::string& message);
// An event about no SA: a message that was dropped, say.
void report(Actions& out, base::LogLevel level, const std::string& event, const std::string& message,
            const base::Endpoint& remote);
// Drops a message: no answer, one counter, one line with source and reason.
void drop(Core& core, IkeCounter counter, const Datagram& datagram, const std::string& reason, Actions& out);
// A step of the command that waits for this SA.
void step(Context& context, const std::string& text);

}  // namespace ikev2
