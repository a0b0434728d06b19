# Warnings are errors, but for those that g++ 12 raises about its own library. Release builds carry the usual hardening; every build keeps
# frame pointers for profiles and backtraces.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
add_library(penstock_flags INTERFACE)
target_compile_options(penstock_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wcast-qual -Werror
  -fno-omit-frame-pointer)
target_compile_definitions(penstock_flags INTERFACE PENSTOCK_VERSION="${PROJECT_VERSION}" SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_CONCEPTS)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT PENSTOCK_SANITIZE)
  target_compile_options(penstock_flags INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fstack-clash-protection)
  target_compile_definitions(penstock_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(penstock_flags INTERFACE -Wl,-z,relro,-z,now -pie)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 in its own library once strings are inlined (GCC bug 105651 and its kin); still shown.
  target_compile_options(penstock_flags INTERFACE -Wno-error=restrict -Wno-error=stringop-overflow -Wno-error=array-bounds
    -Wno-error=stringop-overread -Wno-error=maybe-uninitialized -Wno-error=dangling-pointer -Wno-error=mismatched-new-delete)
endif()
if(PENSTOCK_SANITIZE)
  target_compile_options(penstock_flags INTERFACE -fsanitize=${PENSTOCK_SANITIZE} -fno-sanitize-recover=all $<$<CXX_COMPILER_ID:GNU>:-Wno-error=tsan>)
  target_link_options(penstock_flags INTERFACE -fsanitize=${PENSTOCK_SANITIZE})
  if(PENSTOCK_SANITIZE MATCHES "undefined")
    # What these find the address sanitizer or a plain SIGSEGV tells as well; they would double the time to compile.
    target_compile_options(penstock_flags INTERFACE
      -fno-sanitize=null,vptr,object-size,pointer-overflow,nonnull-attribute,returns-nonnull-attribute)
  endif()
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The warning takes a file that is included in a larger unit for a header; the other presets compile every file alone.
  target_compile_options(penstock_flags INTERFACE -Wno-subobject-linkage)
endif()
