// "did you mean …", for the front end.
#pragma once

#include "ntkc/suggestion.hpp"  // IWYU pragma: export
