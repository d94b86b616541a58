/**
 * @file C: weighted layers by CMSIS-NN, where the network is compiled with its path. Each gives
 * what the plain kernel gives, and falls back to it where CMSIS-NN wants more memory than was
 * planned or refuses a layer.
 *
 * @see arm_nnfunctions.h of CMSIS-NN 4 to 7, and its default of two roundings
 */

/** Before all kernels. */
export const cmsisNnTypes = `
#if defined(NAME_CMSIS_NN)
/* multiplier and shift of each output, as CMSIS-NN takes them, at the start of scratch */
static cmsis_nn_per_channel_quant_params spread_multipliers(const weighted *p, uint32_t *scratch) {
  cmsis_nn_per_channel_quant_params to;
  int32_t o;
  to.multiplier = (int32_t *)scratch;
  to.shift = to.multiplier + p->outputs;
  for (o = 0; o < p->outputs; o++) {
    to.multiplier[o] = MULTIPLIER_OF(p, o);
    to.shift[o] = -1 - SHIFT_OF(p, o);
  }
  return to;
}
#endif
`;

export const cmsisNnDense = `
#if defined(NAME_CMSIS_NN)
static void cmsis_dense(const weighted *p, const int8_t *x, int8_t *y, uint32_t *scratch) {
  const cmsis_nn_fc_params params = {0, 0, (p->rounding - 1) / 2, {p->min, p->max}};
  const cmsis_nn_per_tensor_quant_params by = {MULTIPLIER_OF(p, 0), -1 - SHIFT_OF(p, 0)};
  const cmsis_nn_dims in = {1, 1, 1, p->taps}, filter = {p->taps, 1, 1, p->outputs};
  const cmsis_nn_dims bias = {1, 1, 1, p->outputs}, out = {1, 1, 1, p->outputs};
  cmsis_nn_context context;
  /* with Helium: what it starts from, bias and input offset together, which is our bias */
  context.buf = (void *)(uintptr_t)p->bias;
  context.size = 4 * p->outputs;
  if (arm_fully_connected_s8(&context, &params, &by, &in, x, &filter, p->weights, &bias, p->bias,
                             &out, y) != ARM_CMSIS_NN_SUCCESS)
    dense(p, x, y, scratch);
}
#endif
`;

export const cmsisNnConv2d = `
#if defined(NAME_CMSIS_NN)
static void cmsis_conv2d(const conv2d_layer *p, const int8_t *x, int8_t *y, uint32_t *scratch,
                         int32_t bytes) {
  const weighted *const w = &p->w;
  const window *const g = &p->g;
  const cmsis_nn_per_channel_quant_params by = spread_multipliers(w, scratch);
  int32_t *const bias = by.shift + w->outputs; /* without the input's zero point, for padding */
  const cmsis_nn_conv_params params = {-w->zero_in,
                                       (w->rounding - 1) / 2,
                                       {g->right, g->down},
                                       {g->left, g->top},
                                       {g->dilate_right, g->dilate_down},
                                       {w->min, w->max}};
  const cmsis_nn_dims in = {1, g->in_height, g->in_width, g->channels};
  const cmsis_nn_dims filter = {w->outputs, g->height, g->width, g->channels};
  const cmsis_nn_dims biases = {1, 1, 1, w->outputs};
  const cmsis_nn_dims out = {1, g->out_height, g->out_width, w->outputs};
  const int8_t *row = w->weights;
  cmsis_nn_context context;
  int32_t o, i;
  for (o = 0; o < w->outputs; o++) {
    int32_t sum = 0;
    for (i = 0; i < w->taps; i++) sum += *row++;
    bias[o] = w->bias[o] + w->zero_in * sum;
  }
  context.buf = bias + w->outputs;
  context.size = arm_convolve_wrapper_s8_get_buffer_size(&params, &in, &filter, &out);
  if (context.size > bytes - 12 * w->outputs ||
      arm_convolve_wrapper_s8(&context, &params, &by, &in, x, &filter, w->weights, &biases, bias,
                              &out, y) != ARM_CMSIS_NN_SUCCESS)
    conv2d(p, x, y, scratch);
}
#endif
`;

export const cmsisNnDepthwise = `
#if defined(NAME_CMSIS_NN)
static void cmsis_depthwise_conv2d(const depthwise_layer *p, const int8_t *x, int8_t *y,
                                   uint32_t *scratch, int32_t bytes) {
  const weighted *const w = &p->w;
  const window *const g = &p->g;
  const cmsis_nn_per_channel_quant_params by = spread_multipliers(w, scratch);
  const cmsis_nn_dw_conv_params params = {-w->zero_in,
                                          (w->rounding - 1) / 2,
                                          p->per_input,
                                          {g->right, g->down},
                                          {g->left, g->top},
                                          {g->dilate_right, g->dilate_down},
                                          {w->min, w->max}};
  const cmsis_nn_dims in = {1, g->in_height, g->in_width, g->channels};
  const cmsis_nn_dims filter = {1, g->height, g->width, w->outputs};
  const cmsis_nn_dims biases = {1, 1, 1, w->outputs};
  const cmsis_nn_dims out = {1, g->out_height, g->out_width, w->outputs};
  cmsis_nn_context context;
  context.buf = by.shift + w->outputs;
  context.size = arm_depthwise_conv_wrapper_s8_get_buffer_size(&params, &in, &filter, &out);
  if (context.size > bytes - 8 * w->outputs ||
      arm_depthwise_conv_wrapper_s8(&context, &params, &by, &in, x, &filter, w->weights, &biases,
                                    w->bias, &out, y) != ARM_CMSIS_NN_SUCCESS)
    depthwise_conv2d(p, x, y);
}
#endif
`;
