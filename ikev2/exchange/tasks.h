// What our slot has waited to do: one exchange of ours at a time (RFC 7296 2.3).
#pragma once

#include "ikev2/core.h"

namespace ikev2 {

// Queues it, unless the same waits already, and begins it as soon as our slot is free.
void enqueue(Context& context, Task task);
// Begins what comes next, if our slot is free: the DELETE of the IKE SA before anything else.
void run_tasks(Context& context);
// The peer answered TEMPORARY_FAILURE (RFC 7296 2.25): asks again after a while.
void defer(Context& context, Task task);
// A request of ours for a child or a new IKE SA was refused with this. True: there has been nothing but
// TEMPORARY_FAILURE for several minutes (RFC 7296 2.25).
bool refused_too_long(Context& context, NotifyType type);
// What then becomes of the IKE SA.
Closed give_up_refused();
// What was deferred is queued again.
void resume_deferred(Context& context);

// Each begins an exchange; false where there is nothing to do, or it cannot begin and has said why.
bool begin(Context& context, CreateChild& task);  // create_child_initiator.cpp
bool begin(Context& context, RekeyChild& task);
bool begin(Context& context, RekeyIke& task);     // rekey_ike_initiator.cpp
bool begin(Context& context, DeleteChild& task);  // informational.cpp
bool begin(Context& context, RefuseChild& task);
bool begin(Context& context, Probe& task);
bool begin_ike_deletion(Context& context);

}  // namespace ikev2
