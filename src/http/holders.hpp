// Who holds bytes of a budget while a client sends or takes them, and which of them gives way when there is no room for another.
// Of this room's insides.
//
// A budget alone lets one slow client hold for an hour what others need now: a body that was sent fast but for its last byte, an
// answer that is read one byte a second. So each holder must keep a pace, the faster the more it holds, and no address may hold
// more than half while others that hold less than half of that get nothing. Nobody is asked as long as there is room.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>

#include "http/connection_seats.hpp"
#include "http/pace.hpp"

namespace penstock::http {

class Holder : public boost::intrusive::list_base_hook<boost::intrusive::tag<class HoldersTag>> {
 public:
  using Gone = std::function<void()>;

  // Gives back what it holds, then calls `gone`. Comes from any thread and with the list locked: it hands this on to its own
  // thread and returns.
  virtual void give_way(Gone gone) = 0;

 protected:
  virtual ~Holder() = default;

 private:
  friend class Holders;
  ConnectionSeats::Key address_ = ConnectionSeats::kNobody;
  std::size_t held_ = 0;
  Pace pace_;
  bool asked_ = false;
};

// Thread-safe. A holder is in one list at a time, and leaves before it ends.
class Holders {
 public:
  using Clock = std::chrono::steady_clock;

  // `limit`: of the budget. `patience`: how long a holder may stand still before it counts as slow. `rate`: bytes a second that
  // the smallest holder must move.
  Holders(std::size_t limit, Clock::duration patience, std::size_t rate) : limit_(limit), patience_(patience), rate_(rate) {}

  // `address`: kNobody for one that stands for many clients (a proxy) and is not counted.
  // `pace`: a new one, or what leave() gave when it goes on.
  void join(Holder& holder, ConnectionSeats::Key address, Pace pace);
  Pace leave(Holder& holder);
  Pace new_pace(Clock::time_point now) const { return Pace(now, patience_); }
  // `bytes` were sent or taken by the client, and so many are held now.
  void moved(Holder& holder, std::size_t bytes, std::size_t held, Clock::time_point now);
  // Asks one to give way to a client of `address`; false, and `gone` is not called, when nobody has to.
  bool ask_one(ConnectionSeats::Key address, Clock::time_point now, Holder::Gone gone);
  // Whether this holder was asked since it joined.
  bool was_asked(const Holder& holder) const;

 private:
  using List = boost::intrusive::list<Holder, boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<HoldersTag>>>>;

  Holder* largest_that_is_slow(Clock::time_point now);
  Holder* largest_of_who_has_most(ConnectionSeats::Key address);

  const std::size_t limit_;
  const Clock::duration patience_;
  const std::size_t rate_;
  mutable std::mutex mutex_;
  List list_;
};

// One holder's membership, with its pace; leaves at the end of its scope.
class HolderPlace {
 public:
  HolderPlace(Holders& holders, Holder& holder) : holders_(holders), holder_(holder) {}
  ~HolderPlace() { leave(); }
  HolderPlace(const HolderPlace&) = delete;
  HolderPlace& operator=(const HolderPlace&) = delete;

  void join(ConnectionSeats::Key address, Holders::Clock::time_point now) {
    if (joined_) return;
    if (pace_) pace_->excuse(now - left_);
    if (!pace_) pace_ = holders_.new_pace(now);
    holders_.join(holder_, address, *pace_);
    joined_ = true;
  }
  void moved(std::size_t bytes, std::size_t held, Holders::Clock::time_point now) {
    if (joined_) holders_.moved(holder_, bytes, held, now);
  }
  // For as long as it does not wait for its client; join() goes on from there.
  void leave() {
    if (!joined_) return;
    pace_ = holders_.leave(holder_);
    left_ = Holders::Clock::now();
    joined_ = false;
  }

 private:
  Holders& holders_;
  Holder& holder_;
  std::optional<Pace> pace_;
  Holders::Clock::time_point left_;
  bool joined_ = false;
};

}  // namespace penstock::http
