#include "control/listing/klips_said.h"

#include "base/said.h"

namespace control::listing {
namespace {

base::SaidForm form_of(KlipsFormat format) {
  return format == KlipsFormat::man ? base::SaidForm::family : base::SaidForm::hex;
}

}  // namespace

std::string klips_said(const std::string& said, KlipsFormat format) {
  const auto parsed = base::parse_said(said);
  return parsed.has_error() ? said : said_text(*parsed, form_of(format));
}

std::string klips_said(const ManualSaView& sa, KlipsFormat format) {
  const auto address = base::IpAddress::parse(sa.destination);
  // Of VPP's SAs that no policy uses yet nobody knows where they lead.
  const base::IpAddress destination = address.value_or(base::IpAddress::any(base::IpFamily::v4));
  return said_text({base::said_protocol(sa.protocol), base::Spi(sa.spi), destination}, form_of(format));
}

}  // namespace control::listing
