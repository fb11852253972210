// The model file: everything `predict` needs in one file, numbers exact to the last bit.
//
//     offset  bytes  content
//     0       8      magic: 0x89 "NTKCM" 0x0D 0x0A (the high bit and the line end show a transfer as text)
//     8       8      H, bytes of the header, unsigned little endian
//     16      H      header: a JSON object in UTF-8, padded with blanks to a multiple of 8 bytes
//     16 + H  8 N    arrays: N little endian f64, in the order of the header's "arrays", each in C order
//     …       4      CRC32 (zlib's polynomial) of all bytes before it, unsigned little endian
//
// The header holds
//
//     "format": "ntkc model"
//     "schema": 1
//     "ntkc": the version that wrote it
//     "network": {"file", "text", "definitions": {name: expression}}; the text is compiled again by predict
//     "kernel": "theta" | "sigma"
//     "precision": "f64" | "f32"
//     "features": [column names of the training table; empty for arrays]
//     "preprocessing": {"kind": "none" | "standardize" | "unit-norm", "means": […], "scales": […]}
//     "target": {"name", "task": "regression" | "classification", "outputs": [names], "numeric_labels",
//                "label_values": […], "offsets": […]}
//     "ridge": {"value", "relative"}, as asked for
//     "solve": {"ridge", "jitter", "reciprocal_condition", "relative_residual"}, as it went; ridge absolute
//     "arrays": [{"name": "inputs", "shape": [n, …]}, {"name": "dual_coefficients", "shape": [n, outputs]}]
//
// "inputs" are the training inputs after preprocessing. Readers ignore what they do not know; a change that
// an old reader would misunderstand raises "schema".
#pragma once

#include <string>

#include "ntkc/output_file.hpp"
#include "runtime/model/model.hpp"

namespace ntkc {

inline constexpr int model_schema = 1;

/// The caller commits.
void write_model(OutputFile& out, const Model& model);

/// Reads a model; "-" is standard input. Throws InputError saying whether the file is no model, truncated,
/// damaged or from a later version. No claim of the header is believed before it is compared with the bytes
/// there are.
Model read_model(const std::string& path);

}  // namespace ntkc
