#include <array>

#include "apps/ctl/command_tables.h"
#include "apps/ctl/pki.h"

namespace ctl {

namespace {

constexpr std::array kCommands = {
    Command{"pki key", "--out FILE [--type TYPE]", "make a private key", run_pki_key},
    Command{"pki ca",
            "--name NAME --out PREFIX [--ca PREFIX] [--type TYPE] [--key FILE] [--days N] [--path-length N]",
            "make a CA, or one below another", run_pki_ca},
    Command{"pki cert",
            "--ca PREFIX --id ID --out PREFIX [--name NAME] [--type TYPE] [--key FILE] [--days N]",
            "make a certificate of a CA", run_pki_cert},
    Command{"pki self-signed", "--id ID --out PREFIX [--name NAME] [--type TYPE] [--key FILE] [--days N]",
            "make a certificate to be pinned", run_pki_self_signed},
    Command{"pki crl", "--ca PREFIX --out FILE [--revoke FILE] [--days N]",
            "make a list of revoked certificates", run_pki_crl},
    Command{"pki show", "FILE", "what a key, certificate or CRL holds", run_pki_show},
};

}  // namespace

CommandGroup pki_commands() { return {"Keys and certificates", "ikectl.8", kCommands}; }

}  // namespace ctl
