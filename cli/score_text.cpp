#include "cli/score_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace ntkc::cli {

std::string score_text(const ClassificationScore& score) {
  return fmt::format("accuracy {:.4f} ({} of {})", score.accuracy(), score.correct, score.samples);
}

std::string score_text(const RegressionScore& score) {
  return fmt::format("RMSE {:.6g}, R² {}", score.rmse, r_squared_text(score.r_squared));
}

std::string r_squared_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "undefined";
}

Json score_json(const ClassificationScore& score) {
  return {{"accuracy", score.accuracy()}, {"correct", score.correct}};
}

Json score_json(const RegressionScore& score) {
  return {{"rmse", finite_or_null(score.rmse)}, {"r2", finite_or_null(score.r_squared)}};
}

}  // namespace ntkc::cli
