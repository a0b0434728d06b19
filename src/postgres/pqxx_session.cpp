#include "postgres/pqxx_session.hpp"

#include <exception>
#include <string>

#include "postgres/connection_string.hpp"
#include "postgres/sql_error.hpp"

namespace penstock::postgres {
Result<void> PqxxSession::run(std::string_view doing, const std::function<void(pqxx::connection&)>& work) {
  std::lock_guard lock(mutex_);
  try {
    if (!connection_) {
      auto text = connection_string(options_);
      if (!text) return text.error();
      if (options_.breaker && options_.breaker->given_up()) throw pqxx::broken_connection("the server is stopping");
      auto fresh = std::make_unique<pqxx::connection>(*text);
      ConnectionBreaker::Guard guard;
      if (options_.breaker) guard = {*options_.breaker, fresh->sock()};
      pqxx::nontransaction setup(*fresh);
      setup.exec(session_settings(options_));
      setup.commit();
      connection_ = std::move(fresh);
      breakable_ = std::move(guard);
    }
    work(*connection_);
    return {};
  } catch (const pqxx::in_doubt_error&) {
    connection_.reset();
    return to_error({"", "the connection was lost while committing", ""}, doing);
  } catch (const pqxx::broken_connection& broken) {
    connection_.reset();
    return to_error({"", first_line(broken.what()), ""}, doing);
  } catch (const pqxx::sql_error& failed) {
    if (connection_ && !connection_->is_open()) connection_.reset();
    return to_error({failed.sqlstate(), first_line(failed.what()), ""}, doing);
  } catch (const std::exception& failed) {
    connection_.reset();
    return Error{ErrorCode::internal, "The database could not " + std::string(doing) + ".", "", first_line(failed.what())};
  }
}

Result<void> PqxxSession::transact(std::string_view doing, const std::function<void(pqxx::work&)>& work) {
  return run(doing, [&](pqxx::connection& connection) {
    pqxx::work transaction(connection);
    work(transaction);
    transaction.commit();
  });
}

}  // namespace penstock::postgres
