# intel-ipsec-mb as the target IpsecMb::IpsecMb, where it is: the fast engine of the data path (x86-64 alone). Without it
# crypto/ipsec_mb/ is left out, and Botan does everything.

option(IKEV2D_IPSEC_MB "use intel-ipsec-mb where it is installed" ON)
set(IKEV2D_HAS_IPSEC_MB OFF)
if(IKEV2D_IPSEC_MB AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
  find_path(IPSEC_MB_INCLUDE_DIR intel-ipsec-mb.h)
  find_library(IPSEC_MB_LIBRARY NAMES libIPSec_MB.a IPSec_MB)
  if(IPSEC_MB_INCLUDE_DIR AND IPSEC_MB_LIBRARY)
    add_library(IpsecMb::IpsecMb UNKNOWN IMPORTED)
    set_target_properties(IpsecMb::IpsecMb PROPERTIES IMPORTED_LOCATION ${IPSEC_MB_LIBRARY})
    target_include_directories(IpsecMb::IpsecMb SYSTEM INTERFACE ${IPSEC_MB_INCLUDE_DIR})
    add_library(ikev2d_has_ipsec_mb INTERFACE)
    target_compile_definitions(ikev2d_has_ipsec_mb INTERFACE IKEV2D_HAS_IPSEC_MB=1)
    set(IKEV2D_HAS_IPSEC_MB ON)
  endif()
endif()
message(STATUS "ipsec-mb: ${IKEV2D_HAS_IPSEC_MB}")
