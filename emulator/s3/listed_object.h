#pragma once
// From an object to what a listing tells of it.

#include <string_view>

#include "emulator/s3/model.h"

namespace emulator::s3 {

// Takes in what a stored header adds, if it is one of those that are told.
void take_listed_header(std::string_view name, std::string_view value, ListedObject& object);
ListedObject listed(const Object& object);

}  // namespace emulator::s3
