# One unit-test program a room (tests/unit/<room>/*.cpp), one benchmark program a room (bench/<room>_*.cpp),
# one fuzz target a file (tests/fuzz/*.cpp). Fuzz targets build with libFuzzer under clang (preset fuzz) and, in every
# other preset, as programs that replay their corpus.
find_package(GTest REQUIRED)
include(GoogleTest)

file(GLOB support_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/support/*.cpp)
if(support_sources)
  add_library(penstock_test_support STATIC ${support_sources})
  set(support_scope PUBLIC)
else()
  add_library(penstock_test_support INTERFACE)
  set(support_scope INTERFACE)
endif()
target_include_directories(penstock_test_support ${support_scope} ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(penstock_test_support ${support_scope} penstock_core penstock_base GTest::gmock GTest::gtest)

# What tests are made of takes half the time to compile when it is not optimized, and seldom longer to run; but for the models that a
# billion operations of the queue and a hundred thousand power cuts of the journal are compared with.
set(optimized_tests base journal)

file(GLOB test_rooms RELATIVE ${PROJECT_SOURCE_DIR}/tests/unit ${PROJECT_SOURCE_DIR}/tests/unit/*)
foreach(room IN LISTS test_rooms)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/${room}/*.cpp)
  if(sources AND TARGET penstock_${room})
    add_executable(test_${room} ${sources})
    target_link_libraries(test_${room} PRIVATE penstock_${room} penstock_test_support GTest::gmock_main)
    target_compile_definitions(test_${room} PRIVATE PENSTOCK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    if(NOT room IN_LIST optimized_tests)
      target_compile_options(test_${room} PRIVATE -O0)
    endif()
    add_test(NAME unit_${room} COMMAND test_${room} --gtest_brief=1)
  endif()
endforeach()

# Needs a real Postgres, and starts one of its own in a temporary directory.
file(GLOB postgres_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/integration/postgres/*.cpp)
add_executable(itest_postgres ${postgres_tests})
target_link_libraries(itest_postgres PRIVATE penstock_postgres penstock_sinks penstock_test_support GTest::gmock_main)
target_compile_options(itest_postgres PRIVATE -O0)
add_test(NAME integration_postgres COMMAND itest_postgres --gtest_brief=1)

find_package(benchmark QUIET)
if(benchmark_FOUND AND NOT PENSTOCK_SANITIZE)
  file(GLOB benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*_bench.cpp)
  foreach(file IN LISTS benches)
    get_filename_component(name ${file} NAME_WE)
    string(REGEX REPLACE "_bench$" "" room ${name})
    if(TARGET penstock_${room})
      add_executable(bench_${room} EXCLUDE_FROM_ALL ${file})
      target_link_libraries(bench_${room} PRIVATE penstock_${room} penstock_test_support benchmark::benchmark_main)
      list(APPEND bench_targets bench_${room})
    endif()
  endforeach()
  if(bench_targets)
    add_custom_target(benches DEPENDS ${bench_targets})
  endif()
endif()

file(GLOB fuzz_targets CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp)
foreach(file IN LISTS fuzz_targets)
  get_filename_component(name ${file} NAME_WE)
  file(STRINGS ${file} rooms_line REGEX "^// rooms: " LIMIT_COUNT 1)
  string(REPLACE "// rooms: " "" rooms "${rooms_line}")
  string(REPLACE " " ";" rooms "${rooms}")
  if(PENSTOCK_SANITIZE MATCHES "fuzzer-no-link")
    add_executable(${name} ${file})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${file} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp)
    target_compile_options(${name} PRIVATE -O0)
    add_test(NAME ${name}_corpus COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  endif()
  foreach(room IN LISTS rooms)
    target_link_libraries(${name} PRIVATE penstock_${room})
  endforeach()
  target_link_libraries(${name} PRIVATE penstock_test_support)
endforeach()

# The end-to-end load program of bench/run and of the memory test.
add_executable(penstock-load ${PROJECT_SOURCE_DIR}/bench/load.cpp)
target_link_libraries(penstock-load PRIVATE penstock_flags Threads::Threads)

# The server with its failpoints live, for the crash and clock tests.
file(GLOB failpoint_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/failpoints/*.cpp)
add_executable(penstock-failpoints ${failpoint_sources})
target_include_directories(penstock-failpoints PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(penstock-failpoints PRIVATE penstock_app)

# The rules of the house, and for each the proof that it catches a violation (tests/rules). `header_checks` is a target of its own.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(rule layering coroutines unfinished)
  add_test(NAME rule_${rule} COMMAND Python3::Interpreter -B ${PROJECT_SOURCE_DIR}/tests/rules/${rule}.py)
  add_test(NAME rule_${rule}_self_test COMMAND Python3::Interpreter -B ${PROJECT_SOURCE_DIR}/tests/rules/${rule}.py --self-test)
endforeach()
include(cmake/headers.cmake)

# Writes the journal and the chunks of a new version of tests/data/golden.
add_executable(penstock-golden EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/golden/generate.cpp)
target_link_libraries(penstock-golden PRIVATE penstock_journal penstock_chunk penstock_test_support)
