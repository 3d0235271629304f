#include "ikev2/exchange/key_exchange.h"

#include <algorithm>

#include "ikev2/exchange/send.h"

namespace ikev2 {

JobId start_generating(Context& context, crypto::Ke method) {
  return start_agreeing(context, method, {}, {});
}

JobId start_agreeing(Context& context, crypto::Ke method, std::unique_ptr<crypto::KeyExchange> own,
                     base::Bytes peer_public) {
  StartKe start;
  start.job = new_job(context);
  start.method = method;
  start.own = std::move(own);
  start.peer_public = std::move(peer_public);
  const JobId job = start.job;
  context.out.push_back(std::move(start));
  return job;
}

base::Result<crypto::Ke> group_wanted(const NotifyPayload& notify, const Proposals& offered,
                                      const std::vector<crypto::Ke>& tried) {
  if (notify.data.size() != 2) return base::malformed("INVALID_KE_PAYLOAD without a group");
  const auto wanted = static_cast<crypto::Ke>(base::load_be16(notify.data.data()));
  const auto has = [&](const std::vector<crypto::Ke>& list) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
  };
  const bool known = has(key_exchanges(offered));
  if (known && !has(tried)) return wanted;
  return base::misbehaved("INVALID_KE_PAYLOAD names " + crypto::name(wanted) +
                          (known ? ", which we have tried already" : ", which we did not offer"));
}

NotifyPayload invalid_ke(crypto::Ke wanted) {
  base::Bytes group(2);
  base::store_be16(group.data(), static_cast<std::uint16_t>(wanted));
  return make_notify(NotifyType::invalid_ke_payload, std::move(group));
}

}  // namespace ikev2
