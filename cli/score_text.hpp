// Scores of predictions, for people and as JSON.
#pragma once

#include <string>

#include "cli/console.hpp"
#include "ntkc/score.hpp"

namespace ntkc::cli {

/// "accuracy 0.9844 (884 of 898)"
std::string score_text(const ClassificationScore& score);
/// "RMSE 0.526317, R² 0.95052"
std::string score_text(const RegressionScore& score);
/// "undefined" of targets that do not vary.
std::string r_squared_text(double value);

Json score_json(const ClassificationScore& score);  ///< {"accuracy", "correct"}
Json score_json(const RegressionScore& score);      ///< {"rmse", "r2"}

}  // namespace ntkc::cli
