# The SQL of migrations/ as a source file of the postgres room, made again whenever a file there changes.
file(GLOB migration_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/migrations/*.sql)
set(migrations_source ${PROJECT_BINARY_DIR}/generated/embedded_migrations.cpp)
add_custom_command(OUTPUT ${migrations_source}
  COMMAND ${CMAKE_COMMAND} -D FOLDER=${PROJECT_SOURCE_DIR}/migrations -D OUTPUT=${migrations_source}
    -P ${PROJECT_SOURCE_DIR}/cmake/embed_migrations.cmake
  DEPENDS ${migration_files} ${PROJECT_SOURCE_DIR}/cmake/embed_migrations.cmake VERBATIM)
get_target_property(postgres_type penstock_postgres TYPE)
if(NOT postgres_type STREQUAL "INTERFACE_LIBRARY")
  target_sources(penstock_postgres PRIVATE ${migrations_source})
endif()
