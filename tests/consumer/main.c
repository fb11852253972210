/* What a C program does with ntkc: prints numbers that tests/embedding compares with those of the command line. */
#include <ntkc.h>
#include <stdio.h>
#include <string.h>

static int fail(ntkc_error *error) {
  fprintf(stderr, "%s\n", ntkc_error_message(error));
  ntkc_error_free(error);
  return 1;
}

static int stop(double fraction, void *state) {
  (void)fraction;
  ++*(int *)state;
  return 0;
}

int main(void) {
  const char *text =
      "network small\ninput x : vector(2)\noutput x |> dense(b_std = 0.5) |> relu |> dense |> tanh |> dense\n";
  const double x[] = {1, 0.5, -0.25, 2};
  const double targets[] = {1, -1};
  double gram[4], cross[4], diagonal[2], value, before[2], after[2];
  int64_t shape[1];
  int calls = 0;
  ntkc_error *error = NULL;
  ntkc_execution execution = NTKC_EXECUTION_INIT;
  ntkc_diagnostic diagnostic;
  ntkc_model *model, *loaded;
  ntkc_kernel *kernel = ntkc_compile_text(text, NULL, &error);
  if (kernel == NULL) return fail(error);
  printf("%s takes %d numbers, %d in a dimension\n", ntkc_kernel_name(kernel), (int)ntkc_kernel_input_size(kernel),
         (int)(ntkc_kernel_input_shape(kernel, shape, 1) == 1 ? shape[0] : -1));
  if (ntkc_gram(kernel, NTKC_THETA, x, 2, 2, gram, 2, NULL, &error) != NTKC_OK) return fail(error);
  if (ntkc_cross_gram(kernel, NTKC_THETA, x, 2, 2, x, 2, 2, cross, 2, NULL, &error) != NTKC_OK) return fail(error);
  if (ntkc_diagonal(kernel, NTKC_THETA, x, 2, 2, diagonal, &error) != NTKC_OK) return fail(error);
  if (ntkc_evaluate(kernel, NTKC_THETA, x, x + 2, &value, &error) != NTKC_OK) return fail(error);
  printf("theta %.17g\n", value);
  printf("matrices: %s\n", value == gram[1] && gram[1] == gram[2] && cross[1] == value && diagonal[0] == gram[0]
                               ? "same bits"
                               : "different");

  model = ntkc_fit(kernel, x, 2, 2, targets, 1, 1, NULL, NULL, &error);
  if (model == NULL) return fail(error);
  ntkc_kernel_free(kernel);
  if (ntkc_predict(model, x, 2, 2, before, 1, NULL, &error) != NTKC_OK) return fail(error);
  if (ntkc_model_save(model, "consumer_c.model", &error) != NTKC_OK) return fail(error);
  loaded = ntkc_model_load("consumer_c.model", &error);
  if (loaded == NULL) return fail(error);
  if (ntkc_predict(loaded, x, 2, 2, after, 1, NULL, &error) != NTKC_OK) return fail(error);
  printf("predictions %.6f %.6f, loaded: %s\n", before[0], before[1],
         memcmp(before, after, sizeof before) == 0 ? "same bits" : "different");

  execution.progress = stop;
  execution.state = &calls;
  execution.threads = 1;
  printf("cancelled: %d", (int)ntkc_predict(loaded, x, 2, 2, after, 1, &execution, NULL));
  printf(" after %s\n", calls > 0 ? "being asked" : "nothing");
  ntkc_model_free(loaded);
  ntkc_model_free(model);

  if (ntkc_compile_text("network n\ninput x : vector(2)\noutput x |> relu\n", NULL, &error) != NULL) return 1;
  ntkc_error_diagnostic(error, 0, &diagnostic);
  printf("status %d, %d diagnostics, the first at %u:%u\n", (int)ntkc_error_status(error),
         (int)ntkc_error_diagnostic_count(error), (unsigned)diagnostic.line, (unsigned)diagnostic.column);
  ntkc_error_free(error);
  error = NULL;
  printf("null: %d, ", (int)ntkc_gram(NULL, NTKC_THETA, x, 2, 2, gram, 2, NULL, &error));
  printf("%s\n", ntkc_error_message(error));
  ntkc_error_free(error);
  return 0;
}
