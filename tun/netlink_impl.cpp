#include "tun/netlink_impl.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tun/socket_address.h"

namespace tun {

namespace {

constexpr std::size_t kReceiveBuffer = 65536;
constexpr int kDumpAttempts = 8;
// The kernel answers at once; the bound only keeps a broken one from holding us.
constexpr timeval kPatience{5, 0};

// The kernel's own words behind an error (NETLINK_EXT_ACK; with NETLINK_CAP_ACK the attributes follow the
// error directly).
std::string error_text(const nlmsghdr* message) {
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  const Attributes found = parse_attributes(message, sizeof(nlmsgerr), NLMSGERR_ATTR_MSG);
  return text_of(found[NLMSGERR_ATTR_MSG]);
}

}  // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, int flags) : header_(mnl_nlmsg_put_header(buffer_)) {
  header_->nlmsg_type = type;
  header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
}

void NetlinkRequest::raw(int type, const void* data, std::size_t size) {
  mnl_attr_put_check(header_, kRequestSize, static_cast<std::uint16_t>(type), size, data);
}

void NetlinkRequest::u8(int type, std::uint8_t value) { raw(type, &value, sizeof value); }

void NetlinkRequest::u32(int type, std::uint32_t value) { raw(type, &value, sizeof value); }

void NetlinkRequest::text(int type, const std::string& value) { raw(type, value.c_str(), value.size() + 1); }

void NetlinkRequest::address(int type, const base::IpAddress& value) {
  std::uint8_t octets[16];
  raw(type, octets, value.write(octets));
}

nlattr* NetlinkRequest::nest(int type) {
  return mnl_attr_nest_start(header_, static_cast<std::uint16_t>(type));
}

Attributes parse_attributes(base::ByteSpan run, std::size_t highest) {
  Attributes out(highest + 1, nullptr);
  while (run.size() >= sizeof(nlattr)) {
    const auto* attribute = reinterpret_cast<const nlattr*>(run.data());
    if (!mnl_attr_ok(attribute, static_cast<int>(run.size()))) break;
    const std::uint16_t type = mnl_attr_get_type(attribute);
    if (type <= highest) out[type] = attribute;
    run = run.subspan(std::min(run.size(), static_cast<std::size_t>(MNL_ALIGN(attribute->nla_len))));
  }
  return out;
}

Attributes parse_attributes(const nlmsghdr* message, std::size_t body_size, std::size_t highest) {
  const base::ByteSpan payload(static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(message)),
                               mnl_nlmsg_get_payload_len(message));
  return parse_attributes(
      payload.subspan(std::min(payload.size(), static_cast<std::size_t>(MNL_ALIGN(body_size)))), highest);
}

Attributes parse_nested(const nlattr* attribute, std::size_t highest) {
  if (attribute == nullptr) return Attributes(highest + 1, nullptr);
  return parse_attributes(base::ByteSpan(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)),
                                         mnl_attr_get_payload_len(attribute)),
                          highest);
}

std::uint32_t number(const nlattr* attribute) {
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != 4) return 0;
  return mnl_attr_get_u32(attribute);
}

std::string text_of(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  const char* text = mnl_attr_get_str(attribute);
  return {text, strnlen(text, mnl_attr_get_payload_len(attribute))};
}

base::IpAddress address_of(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  return base::IpAddress::from_bytes({static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)),
                                      mnl_attr_get_payload_len(attribute)});
}

base::Error Netlink::Impl::Answer::as_error(const std::string& what) const {
  std::string reason = what + ": " + errno_text(error);
  if (!text.empty()) reason += " (" + text + ")";
  if (error == EPERM) reason += " (needs CAP_NET_ADMIN)";
  return base::local_error(std::move(reason));
}

base::Status Netlink::Impl::connect() {
  socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  if (socket == nullptr) return base::local_error("netlink socket: " + errno_text(errno));
  if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
    return base::local_error("netlink socket: bind: " + errno_text(errno));
  }
  // Filters in dump requests need the strict check; the rest only betters messages. Linux 4.20 has all three.
  for (const int option : {NETLINK_GET_STRICT_CHK, NETLINK_EXT_ACK, NETLINK_CAP_ACK}) {
    int on = 1;
    if (mnl_socket_setsockopt(socket, option, &on, sizeof on) < 0) {
      return base::local_error("netlink option " + std::to_string(option) + ": " + errno_text(errno));
    }
  }
  if (setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) != 0) {
    return base::local_error("netlink socket: SO_RCVTIMEO: " + errno_text(errno));
  }
  buffer.resize(kReceiveBuffer);
  return {};
}

Netlink::Impl::Answer Netlink::Impl::receive(std::uint32_t expected, const OnMessage& on_message, End end) {
  bool interrupted = false;
  while (true) {
    const ssize_t got = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {errno == EAGAIN ? ETIMEDOUT : errno, {}};
    int left = static_cast<int>(got);
    for (auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      // Leftovers of an exchange that was given up.
      if (message->nlmsg_seq != expected) continue;
      interrupted = interrupted || (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
        if (mnl_nlmsg_get_payload_len(message) < sizeof(int)) return {interrupted ? EINTR : 0, {}};
        const int error = -*static_cast<const int*>(mnl_nlmsg_get_payload(message));
        if (error == 0 && interrupted) return {EINTR, {}};
        return {error, message->nlmsg_type == NLMSG_ERROR ? error_text(message) : std::string()};
      }
      if (on_message) on_message(message);
      if (end == End::first_message) return {};
    }
  }
}

Netlink::Impl::Answer Netlink::Impl::transact(NetlinkRequest& request, const OnMessage& on_message) {
  nlmsghdr* message = request.message();
  // rtnetlink's message types come in fours; the third of each is a question. A dump ends with NLMSG_DONE
  // instead of an acknowledgement, and the answer to another question is one message or an error. (Of other
  // requests the same bits say replace and exclusive.)
  const bool is_question = message->nlmsg_type % 4 == 2;
  const bool is_dump = is_question && (message->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  if (!is_question) message->nlmsg_flags |= NLM_F_ACK;
  message->nlmsg_seq = ++sequence;
  if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0) return {errno, {}};
  return receive(sequence, on_message, is_question && !is_dump ? End::first_message : End::acknowledged);
}

Netlink::Impl::Answer Netlink::Impl::dump(const std::function<void(NetlinkRequest&)>& build,
                                          std::uint16_t type, const OnMessage& on_message,
                                          const std::function<void()>& restart) {
  Answer answer;
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    restart();
    NetlinkRequest request(type, NLM_F_DUMP);
    build(request);
    answer = transact(request, on_message);
    if (answer.error != EINTR) break;
  }
  return answer;
}

}  // namespace tun
