# The rooms, lowest first; the numbers are the layering rule (tests/rules reads this table too).
penstock_room(base 0 LIBS spdlog::spdlog fmt::fmt OpenSSL::Crypto)
penstock_room(core 1 DEPENDS base LIBS PkgConfig::XXHASH)
# Its own alone: what the library asks of compilers is no matter of other rooms.
target_link_libraries(penstock_core PRIVATE date::date-tz)
penstock_room(metrics 2 DEPENDS base core)
penstock_room(decode 2 DEPENDS base core LIBS simdjson::simdjson nlohmann_json::nlohmann_json)
penstock_room(chunk 2 DEPENDS base core LIBS PkgConfig::ZSTD PkgConfig::XXHASH PkgConfig::UTF8PROC)
penstock_room(seal 2 DEPENDS base core LIBS OpenSSL::Crypto)
penstock_room(journal 3 DEPENDS base core chunk metrics LIBS PkgConfig::ZSTD)
penstock_room(ingest 3 DEPENDS base core metrics)
penstock_room(postgres 3 DEPENDS base core metrics LIBS PkgConfig::PQXX PkgConfig::PQ nlohmann_json::nlohmann_json OpenSSL::Crypto)
penstock_room(http 3 DEPENDS base core metrics LIBS Boost::headers OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB PkgConfig::ZSTD
  READERS forwarded.cpp networks.cpp outward.cpp head_guard.cpp request_head.cpp request_parser.cpp decompress.cpp body_buffer.cpp target.cpp client_url.cpp)
penstock_room(sinks 4 DEPENDS base core metrics chunk journal LIBS Boost::headers)
penstock_room(query 4 DEPENDS base core metrics decode chunk journal LIBS PkgConfig::RE2)
penstock_room(backup 4 DEPENDS base core seal journal postgres LIBS OpenSSL::Crypto)
penstock_room(auth 4 DEPENDS base core metrics http LIBS nlohmann_json::nlohmann_json OpenSSL::Crypto
  READERS kept_identities.cpp oidc_json.cpp oidc_key.cpp oidc_token.cpp oidc_provider.cpp oidc_roles.cpp oidc_settings.cpp)
penstock_room(agent 4 DEPENDS base core decode seal http LIBS nlohmann_json::nlohmann_json READERS line_time.cpp line_envelope.cpp line_joiner.cpp line_record.cpp
  trace_rule.cpp proc_text.cpp)
penstock_room(api 5 DEPENDS base core metrics decode ingest journal http sinks query auth LIBS nlohmann_json::nlohmann_json)
penstock_room(config 5 DEPENDS base core http ingest journal postgres chunk seal sinks query auth agent LIBS tomlplusplus::tomlplusplus)
penstock_room(app 6 DEPENDS base core metrics decode ingest journal chunk seal postgres http sinks query backup auth agent api config LIBS CLI11::CLI11)

if(EXISTS ${PROJECT_SOURCE_DIR}/src/main.cpp)
  add_executable(penstock src/main.cpp)
  target_link_libraries(penstock PRIVATE penstock_app)
  set_target_properties(penstock PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endif()
