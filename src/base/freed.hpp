// Ownership of what a C library makes and takes back by a function of its own.
#pragma once

namespace penstock {

// The deleter of a unique_ptr: std::unique_ptr<X509, Freed<X509_free>>.
template <auto Function>
struct Freed {
  template <class Object>
  void operator()(Object* object) const {
    Function(object);
  }
};

}  // namespace penstock
