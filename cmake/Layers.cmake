# Flags for all our code, and the function that makes one library of one folder.

add_library(ikev2d_flags INTERFACE)
target_compile_options(ikev2d_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)
# With optimisation g++ (12 and 14) sees copies out of bounds and unset values in std containers where there are none: they
# stay warnings, worth a look.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(ikev2d_flags INTERFACE -Wno-restrict -Wno-error=array-bounds -Wno-error=stringop-overread
                         -Wno-error=stringop-overflow -Wno-error=maybe-uninitialized)
endif()
# clang's -Wconversion includes what g++ calls -Wsign-conversion.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(ikev2d_flags INTERFACE -Wno-sign-conversion)
endif()
target_include_directories(ikev2d_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(ikev2d_flags INTERFACE IKEV2D_VERSION="${PROJECT_VERSION}")
if(IKEV2D_SANITIZE)
  target_compile_options(ikev2d_flags INTERFACE -fsanitize=${IKEV2D_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(ikev2d_flags INTERFACE -fsanitize=${IKEV2D_SANITIZE})
endif()
if(IKEV2D_COVERAGE)
  # Threads of a test may count the same line.
  target_compile_options(ikev2d_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(ikev2d_flags INTERFACE --coverage)
endif()

# ikev2d_layer(NAME PUBLIC libs… PRIVATE libs…): every .cpp below NAME/ becomes ikev2d_NAME.
function(ikev2d_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT IKEV2D_HAS_IPSEC_MB)
    list(FILTER sources EXCLUDE REGEX "/crypto/ipsec_mb/")
  endif()
  if(NOT sources)
    add_library(ikev2d_${name} INTERFACE)
    string(REPLACE "PUBLIC" "INTERFACE" links "${ARGN}")
    string(REPLACE "PRIVATE" "INTERFACE" links "${links}")
    target_link_libraries(ikev2d_${name} ${links} INTERFACE ikev2d_flags)
    return()
  endif()
  add_library(ikev2d_${name} STATIC ${sources})
  target_link_libraries(ikev2d_${name} ${ARGN} PUBLIC ikev2d_flags)
endfunction()
